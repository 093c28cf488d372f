"""The main job on real parts, told step by step: ``reverb-plugin demo``."""

from reverb_plugin.demo.show import run

__all__ = ["run"]
