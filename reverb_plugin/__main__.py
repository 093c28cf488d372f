"""``python -m reverb_plugin``: the same as the command ``reverb-plugin``."""

from reverb_plugin.cli import main

main(prog_name="reverb-plugin")
