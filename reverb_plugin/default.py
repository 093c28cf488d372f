"""The plugin that hooks use when they are given none. Apart from its making, so that importing hooks costs little."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin

_default: "Plugin | None" = None


def find_default() -> "Plugin | None":
    """The plugin of the last :func:`~reverb_plugin.plugin.configure` in this process, until it is closed."""
    return _default


def set_default(plugin: "Plugin | None") -> None:
    """From now on hooks use ``plugin``."""
    global _default  # noqa: PLW0603 - one shop in one process is the rule, and hooks have to find it
    _default = plugin
