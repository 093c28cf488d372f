"""The demo from beginning to end."""

import shlex
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from reverb_plugin.demo.pages import Pages, open_pages
from reverb_plugin.demo.stage import Stage, open_stage
from reverb_plugin.demo.story import STORY, perform
from reverb_plugin.demo.telling import StoryError, Teller, has_person
from reverb_plugin.errors import PluginError
from reverb_plugin.simulator.door import DoorError

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def run(*, once: bool) -> int:
    """Tells the story in the terminal and returns an exit code: 0, or 1 when a step went wrong, 130 when interrupted.

    With ``once`` nothing is waited for; else each step waits for Enter, if someone can press it, and at the end
    everything stays up until Ctrl-C. Takes the signals of this process over meanwhile, so call it in the main thread.
    """
    teller = Teller(waits=not once and has_person())
    with _ended_by_signals():
        try:
            return _run(teller, once=once)
        except KeyboardInterrupt:
            teller.say("Stopped; everything is cleared away.")
            return INTERRUPTED
        except (StoryError, DoorError, PluginError, OSError) as error:
            teller.line("WRONG", f"The story ends here. {error}")
            return 1


def _run(teller: Teller, *, once: bool) -> int:
    with open_stage(teller) as stage:
        teller.say(f"A simulated Reverb runs at {stage.site}/ and a sample shop sells music gear.")
        went_well = perform(STORY, stage, teller)
        teller.say("All of it went as told." if went_well else "Not all of it went as told: look for WRONG above.")
        with open_pages(stage) as pages:
            if once:
                went_well &= teller.prove(pages.prove())
            else:
                _stay_up(stage, pages, teller)
    return 0 if went_well else 1


def _stay_up(stage: Stage, pages: Pages, teller: Teller) -> None:
    folder = shlex.quote(str(stage.plugin.store.path.parent))
    with suppress(KeyboardInterrupt):
        teller.say("Everything stays up until Ctrl-C. Now it is your turn: edit, buy and refund, and watch both sides.")
        teller.say("This link lets one browser in, once:")
        teller.places(
            {
                "shop and its admin": pages.link,
                "Reverb's pages": f"{stage.site}/",
                "the shop's products": str(stage.shop.csv.path),
                "how things stand": f"reverb-plugin status --data-dir {folder}",
                "the sync log": f"reverb-plugin log --data-dir {folder}",
            }
        )
        threading.Event().wait()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """The first signal ends the story; those after it must not stop the clearing up."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
