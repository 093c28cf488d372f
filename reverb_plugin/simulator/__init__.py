"""A local Reverb for tests, demos and development: a real HTTP server with Reverb's documented behaviour."""

from reverb_plugin.simulator.door import DoorError, SimulatorDoor
from reverb_plugin.simulator.recorder import RecordedRequest
from reverb_plugin.simulator.server import Simulator, serve

__all__ = ["DoorError", "RecordedRequest", "Simulator", "SimulatorDoor", "serve"]
