"""A local Reverb for tests, demos and development: a real HTTP server with Reverb's documented behaviour.

Where the documentation and what people saw live contradict each other, it does what was seen live. Where nothing
is known, it decided as follows:

- Every listing that exists keeps its SKU taken, ended and sold ones too.
- Missing fields are a 412 on POST and a 422 on PUT with ``publish``; a value of the wrong type or outside of an
  enumeration is a 400 with ``error``.
- A used item that was sent with more than one is one, without a word.
- Any PUT to a sold one-of-a-kind listing is a 422, as are a second POST ship and ending what is not live.
- A cancelled order gives its stock back where the condition holds stock; a refunded one does not.
- A date bound that cannot be read (a raw plus in a query arrives as a blank) is a 400.
- A photo that is sent again by the same address is not doubled; ``override_position`` orders and never removes.
- Without ``Accept-Version`` listings and the token error have the shapes of version 1.0, all else those of 3.0.
"""

from reverb_plugin.simulator.door import DoorError, SimulatorDoor
from reverb_plugin.simulator.recorder import RecordedRequest
from reverb_plugin.simulator.server import Simulator, serve

__all__ = ["DoorError", "RecordedRequest", "Simulator", "SimulatorDoor", "serve"]
