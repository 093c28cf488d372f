"""``reverb-plugin simulator``: a local Reverb; the same command as ``python -m reverb_plugin.simulator``."""

from reverb_plugin.simulator.__main__ import main as command

__all__ = ["command"]
