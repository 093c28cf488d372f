"""The bundle: one zip that tells support how an installation is doing, and nothing of its secrets and people.

It has to come about on the sickest installation: whatever breaks on the way leaves a note of it, and the rest goes on.
Time and size are limited, and nobody who works beside it is held up.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from reverb_plugin.diagnostics.aside import Aside
from reverb_plugin.diagnostics.collectors.installation import collect_database, collect_settings
from reverb_plugin.diagnostics.collectors.machine import collect_environment
from reverb_plugin.diagnostics.collectors.updates import collect_updates
from reverb_plugin.diagnostics.courtesy import Courtesy
from reverb_plugin.diagnostics.doctor import diagnose
from reverb_plugin.diagnostics.finding import Report, report_as_json
from reverb_plugin.diagnostics.making import ABOUT, LINES_OF, SECONDS, Making
from reverb_plugin.diagnostics.package import Package, Part
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import StoreError
from reverb_plugin.recent import RECENT
from reverb_plugin.store.snapshot import Narrowing, Snapshot

ONE_CHECK_SECONDS = 2.0
ALL_CHECKS_SECONDS = 4.0
LEAST_PATIENCE_SECONDS = 0.5
"""The checks are waited for as long as there is time, and this long when there is none."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was made: its size in bytes, its parts, and how much of each kind was taken out."""

    size: int
    parts: Sequence[Part]
    removed: Mapping[str, int]

    @property
    def troubles(self) -> Sequence[str]:
        """What is missing or not complete, in words."""
        return [f"{part.name}: {part.error or part.note}" for part in self.parts if part.error or part.note]


class Bundle:
    """Makes bundles of one installation.

    Args:
        scene: the installation; it should be offline, because there is no time to ask anybody.
        diagnose: makes the checks.
        recent: what the process said in the log.
    """

    def __init__(
        self,
        scene: Scene,
        diagnose: Callable[[Scene], Report] = lambda scene: diagnose(
            scene, check_seconds=ONE_CHECK_SECONDS, total_seconds=ALL_CHECKS_SECONDS
        ),
        recent: Callable[[], Sequence[Mapping[str, Any]]] = RECENT.taken,
    ) -> None:
        self._scene = scene
        self._diagnose = diagnose
        self._recent = recent

    def preview(self, narrowing: Narrowing | None = None) -> Sequence[Part]:
        """What would go in; of the database how many rows there are, counted up to ten thousand."""
        rows: dict[str, int | None] = {}
        trouble: str | None = None
        try:
            with Snapshot(self._scene.path) as snapshot:
                for name, table in LINES_OF.items():
                    rows[name] = snapshot.matching(table, narrowing or Narrowing())
        except StoreError as error:
            trouble = error.message
        named = (*LINES_OF, "database.json", "database.sqlite3")
        return [
            Part(name, about, rows=rows.get(name), error=trouble if name in named else None)
            for name, about in ABOUT.items()
        ]

    def export(self, target: Path | IO[bytes], narrowing: Narrowing | None = None) -> Exported:
        """Makes a bundle; a file at ``target`` is replaced when it is whole, and only its owner may read it.

        Raises:
            OSError: the target cannot be written.
        """
        if not isinstance(target, Path):
            return self._export(target, narrowing or Narrowing())
        unfinished = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                exported = self._export(file, narrowing or Narrowing())
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        return exported

    def _export(self, target: IO[bytes], narrowing: Narrowing) -> Exported:
        making = Making(self._scene, narrowing, Courtesy(SECONDS))
        with ExitStack() as stack:
            making.open(stack)
            # The checks alone ask the scene for what it finds out once: nobody else may be at it meanwhile.
            checks = Aside(lambda: self._diagnose(self._scene))
            folder, now = self._scene.path.parent, self._scene.clock.now()
            package = Package(target, making.gate, making.courtesy, now)
            making.package = package
            stack.callback(package.close)
            making.add_database()
            making.add("settings.json", lambda: collect_settings(making.loaded))
            making.add("environment.json", lambda: collect_environment(os.environ))
            making.add("database.json", lambda: collect_database(self._scene.path, making.snapshot))
            making.add("updates.json", lambda: collect_updates(folder, making.loaded.values, now))
            making.add_shop()
            making.add_tracebacks(self._recent())
            making.add(
                "checks.json",
                lambda: report_as_json(checks.get(max(making.courtesy.left_seconds, LEAST_PATIENCE_SECONDS))),
            )
            making.add_report()
            making.add("redactions.json", making.removed_where)
            making.add_manifest()
        return Exported(package.size, tuple(package.parts), making.removed())


def file_name(now: datetime) -> str:
    """What a bundle is called."""
    return f"reverb-plugin-{now:%Y%m%d-%H%M%S}.zip"
