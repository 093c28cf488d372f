"""Small texts for a person."""

from reverb_plugin.texts import commands


def test_commands():
    """A command in a text stands as code, and nothing in the text is markup of its own."""
    shown = commands("Run `reverb-plugin worker`, <b>or</b> `<i>`.")
    assert shown == "Run <code>reverb-plugin worker</code>, &lt;b&gt;or&lt;/b&gt; <code>&lt;i&gt;</code>."
