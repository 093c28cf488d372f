"""A shop that looks at an index, without a plugin around it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.tags import Tag
from packaging.version import Version

from reverb_plugin.clock import Clock
from reverb_plugin.settings import load_settings
from reverb_plugin.store.schema import HEAD
from reverb_plugin.testing import FrozenClock
from reverb_plugin.update.fetch import Fetcher, Limits
from reverb_plugin.update.offer import Here
from reverb_plugin.update.updates import Updates

HERE = Here(
    version=Version("0.1.0"),
    python=Version("3.11.7"),
    tags=frozenset({Tag("py3", "none", "any"), Tag("cp311", "cp311", "linux_x86_64")}),
    schema_head=HEAD,
    installed={"requests": Version("2.32.3"), "packaging": Version("24.0")},
)
DEPENDENCIES = ["requests>=2.32.2", "packaging>=23.2"]
"""What the environment above has."""


@dataclass
class Looker:
    """``updates`` of a shop whose data lies in ``folder``; its clock moves when it is told to."""

    folder: Path
    url: str
    here: Here = HERE
    limits: Limits = field(default_factory=Limits)
    is_on: bool = True

    def __post_init__(self):
        self.clock = FrozenClock()
        self.updates = self.again()

    def again(self):
        """The same as another process has it."""
        fetcher = Fetcher(Clock(), self.limits)
        return Updates(self.folder, self.settings, self.clock, fetcher, lambda: self.here)

    def settings(self):
        texts = {"update_index_url": self.url, "update_check": "on" if self.is_on else "off"}
        return load_settings(texts, {}, {}).values

    def run(self, **here):
        """From now on this is what is installed."""
        self.here = replace(self.here, **here)

    def offered(self):
        """The version that a look now brings; None for none."""
        choice = self.updates.look()
        return None if choice.offer is None else choice.offer.version

    def reasons(self):
        """Why newer releases are not offered, by version."""
        return {each.version: each.reason for each in self.updates.look().passed_over}

    def tend(self):
        """What the worker does each hour; waits for what it began."""
        self.updates.tend()
        self.updates.wait(10)
        assert not self.updates.is_looking

    def pass_days(self, days):
        self.clock.advance(days * 86_400)
