"""Exit codes: how a script learns what became of a command."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from reverb_plugin.errors import (
    AmbiguousError,
    IndexUnreachableError,
    InvalidSettingError,
    NotConfiguredError,
    PluginError,
    RateLimitedError,
    RunActiveError,
    RunTooSoonError,
    StoreError,
    TokenRefusedError,
    UnavailableError,
)


class ExitCode(IntEnum):
    """What a command ends with."""

    DONE = 0
    NEEDS_A_PERSON = 1
    USAGE = 2
    NOT_CONFIGURED = 3
    NOT_SENT = 4
    NO_DATABASE = 5
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.DONE: "done",
        ExitCode.NEEDS_A_PERSON: "something needs a person: it was refused, or a row cannot be read",
        ExitCode.USAGE: "wrong usage, or a setting cannot have this value",
        ExitCode.NOT_CONFIGURED: "not configured: no token, a token that Reverb refuses, or no shop",
        ExitCode.NOT_SENT: (
            "work is left: Reverb or the package index cannot be reached, the time is over, "
            "or another mass sync goes first"
        ),
        ExitCode.NO_DATABASE: "the plugin's database cannot be used",
        ExitCode.INTERRUPTED: "interrupted (Ctrl-C, or SIGTERM while sending)",
    }
)

_KINDS: tuple[tuple[tuple[type[PluginError], ...], ExitCode], ...] = (
    ((InvalidSettingError,), ExitCode.USAGE),
    ((NotConfiguredError, TokenRefusedError), ExitCode.NOT_CONFIGURED),
    (
        (UnavailableError, AmbiguousError, RateLimitedError, RunActiveError, RunTooSoonError, IndexUnreachableError),
        ExitCode.NOT_SENT,
    ),
    ((StoreError,), ExitCode.NO_DATABASE),
)


def exit_code_of(error: PluginError) -> ExitCode:
    """What a command ends with that ran into ``error``."""
    for kinds, code in _KINDS:
        if isinstance(error, kinds):
            return code
    return ExitCode.NEEDS_A_PERSON
