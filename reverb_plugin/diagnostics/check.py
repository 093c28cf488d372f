"""A check: one question about one installation, and what may be done about the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_plugin.diagnostics.finding import Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.health import Tone


@dataclass(frozen=True, slots=True)
class Repair:
    """What can be done about it: ``words`` for the button, ``act`` does it and says what was done.

    ``helps`` says whether it is any help with what was found.
    """

    words: str
    act: Callable[[Scene], str]
    helps: Callable[[Scene], bool] = lambda _scene: True


@dataclass(frozen=True, slots=True)
class Check:
    """One question.

    Args:
        code: its name for machines; it never changes its meaning.
        name: its name for people.
        look: gives the verdict; raises MootError when the question makes no sense here.
        needs: the checks that must not fail before this one says anything: their cause would be named twice.
        repair: what can be done when the verdict is not good.
        waits_for: what is to blame when it takes too long, and then has failed; empty when that cannot be told.
    """

    code: str
    name: str
    look: Callable[[Scene], Verdict]
    needs: tuple[str, ...] = ()
    repair: Repair | None = None
    waits_for: str = ""


def known_problem(code: str, fine: str, step: str = "") -> Callable[[Scene], Verdict]:
    """A check that the overview makes too: its problem of this ``code`` is the verdict, else ``fine`` is.

    ``step`` is what to do where there is no button, when the problem's own text does not say it.
    """

    def look(scene: Scene) -> Verdict:
        problem = scene.find_problem(code)
        if problem is None:
            return passed(fine)
        tell = failed if problem.tone is Tone.BAD else warned
        return tell(problem.title.rstrip(".") + ".", f"{problem.text} {step}".rstrip())

    return look


def some(names: list[str] | tuple[str, ...], most: int = 3) -> str:
    """The first few, in words."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
