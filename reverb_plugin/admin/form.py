"""Settings in a form: what each field shows, what was entered, and what of it is a change. Knows no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from reverb_plugin.admin.sections import CHOICES, HELP, LABELS, Section
from reverb_plugin.errors import InvalidSettingError
from reverb_plugin.settings import LoadedSettings, SettingInfo, get_info, show

LINES = "\n"
SHORTENED = 80


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a setting that has few, in words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """A setting as a form shows it.

    ``text`` is what stands in the control; ``in_force`` and ``default`` are values in words; ``is_set`` says whether
    there is any, also of a secret. ``locked_by`` names what else decides the value, so that it can only be looked at.
    """

    name: str
    kind: str
    label: str
    help: str
    text: str
    in_force: str
    is_set: bool
    default: str
    choices: tuple[Choice, ...]
    locked_by: str
    error: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person has entered into a section, and what is wrong with it."""

    texts: Mapping[str, str]
    errors: Mapping[str, InvalidSettingError]


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that is to be changed, with both values in words."""

    label: str
    old: str
    new: str


def make_fields(
    section: Section,
    loaded: LoadedSettings,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, InvalidSettingError] | None = None,
) -> dict[str, Field]:
    """The fields of a section, by name; with what was ``entered`` and its ``errors`` when it could not be saved."""
    problems = {problem.field: problem for problem in loaded.problems}
    found = {name: _sentence(error) for name, error in (errors or {}).items()}
    unusable = {name: f"What is set cannot be used: {problem.problem}." for name, problem in problems.items()}
    return {
        name: _make_field(get_info(name), loaded, (entered or {}).get(name), {**unusable, **found}.get(name, ""))
        for name in section.fields
    }


def _make_field(info: SettingInfo, loaded: LoadedSettings, entered: str | None, error: str) -> Field:
    value = getattr(loaded.values, info.name)
    shown = "" if info.secret else control_text(info, show(value))
    decided_by = locked_by(info, loaded)
    return Field(
        info.name,
        info.kind,
        LABELS[info.name],
        info.help if decided_by else HELP.get(info.name, info.help),
        shown if entered is None or info.secret else control_text(info, entered),
        in_force=in_words(info, show(value)),
        is_set=bool(value),
        default=in_words(info, show(info.default)),
        choices=tuple(Choice(choice, CHOICES[choice]) for choice in info.choices),
        locked_by=decided_by,
        error=error,
    )


def locked_by(info: SettingInfo, loaded: LoadedSettings) -> str:
    """What decides the value instead of this page; empty when this page does."""
    match loaded.sources[info.name]:
        case "environment":
            return f"the environment variable {info.variable}"
        case "argument":
            return "the shop's program, which passes it to configure()"
    return ""


def read_entered(section: Section, loaded: LoadedSettings, form: Mapping[str, list[str]]) -> dict[str, str]:
    """The texts that were entered, by setting; what cannot be changed here, or was not in the form, is left out.

    An empty token means the one that is saved.
    """
    entered = {}
    for name in section.fields:
        info, given = get_info(name), form.get(name)
        if not given or locked_by(info, loaded) or (info.secret and not given[-1].strip()):
            continue
        entered[name] = " | ".join(given[-1].splitlines()) if info.kind == "list" else given[-1]
    return entered


def find_token_error(texts: Mapping[str, str], loaded: LoadedSettings) -> Mapping[str, InvalidSettingError]:
    """The error of an environment that was changed without a token for it."""
    environment = texts.get("environment", "").strip().lower()
    is_other = environment not in {"", loaded.values.environment}
    if not is_other or "token" in texts or locked_by(get_info("token"), loaded):
        return {}
    problem = f"belongs to one environment: enter the one for {environment} as well"
    return {"token": InvalidSettingError("token", "", problem)}


def find_changes(entered: Mapping[str, str], loaded: LoadedSettings) -> dict[str, str | None]:
    """What has to be saved: the texts whose values are not in force already; a default is forgotten, not saved.

    Raises:
        InvalidSettingError: a text cannot be used.
    """
    unusable = {problem.field for problem in loaded.problems}
    changes: dict[str, str | None] = {}
    for name, text in entered.items():
        info = get_info(name)
        value = info.parse(text)
        if value != getattr(loaded.values, name) or name in unusable:
            changes[name] = None if value == info.default else text
    return changes


def differences(changes: Mapping[str, str | None], loaded: LoadedSettings) -> tuple[Difference, ...]:
    """The changes in words."""
    return tuple(
        Difference(
            LABELS[name],
            in_words(info, show(getattr(loaded.values, name))),
            in_words(info, show(info.default if text is None else info.parse(text))),
        )
        for name, text in changes.items()
        for info in [get_info(name)]
    )


def in_words(info: SettingInfo, text: str) -> str:
    """A value as a person reads it."""
    if info.secret:
        return "a token" if text else "none"
    if info.kind == "map":
        number = len(info.parse(text))
        return f"{number} {'entry' if number == 1 else 'entries'}"
    words = CHOICES.get(text, text) if info.choices else text
    if not words:
        return "no limit" if info.kind == "number" else "none"
    return words if len(words) <= SHORTENED else f"{words[: SHORTENED - 1]}…"


def control_text(info: SettingInfo, text: str) -> str:
    """What stands in the control for a value: a list has one line for each word."""
    return LINES.join(info.parse(text)) if info.kind == "list" else text


def _sentence(error: InvalidSettingError) -> str:
    return f"{error.problem[:1].upper()}{error.problem[1:]}."
