"""What a bundle tells, as values that can be compared with those of another one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from reverb_plugin.diagnostics.finding import Finding
from reverb_plugin.settings import SETTINGS, show
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import QueueStatus
from reverb_plugin.store.sync_log import LogEntry, LogFilter
from reverb_plugin.support.opened import OpenedBundle
from reverb_plugin.support.reading import Manifest

MOST_ROWS = 20_000
MOST_FACTS = 5_000
MOST_PARKED = 1_000
AT_ONCE = 500
FACTS = ("environment.json", "database.json", "host.json")


@dataclass(frozen=True, slots=True)
class Contents:
    """One bundle: ``notes`` say what of it is missing, settings and facts are texts by their names, ``rows`` are those
    of the log, the newest first.
    """

    manifest: Manifest
    notes: Sequence[str]
    findings: Mapping[str, Finding]
    settings: Mapping[str, str]
    facts: Mapping[str, str]
    queue: QueueStatus
    parked: Mapping[str, str]
    links: Mapping[str, Link]
    rows: Sequence[LogEntry]


def read_contents(bundle: OpenedBundle) -> Contents:
    """What the bundle tells.

    Raises:
        UnreadableBundleError: a part of it is damaged.
    """
    store, report = bundle.store, bundle.findings()
    facts = (fact for part in FACTS for fact in _flat(part.removesuffix(".json"), bundle.file.find_json(part)))
    return Contents(
        manifest=bundle.manifest,
        notes=bundle.notes,
        findings={finding.code: finding for finding in report.findings} if report is not None else {},
        settings=dict(_settings(bundle)),
        facts=dict(islice(facts, MOST_FACTS)),
        queue=store.queue_status(),
        parked={f"{job.kind} of {job.key}": job.code or "without a code" for job in store.parked_jobs(MOST_PARKED)},
        links={link.sku: link for link in _links(bundle)},
        rows=[*islice(store.log.iterate(LogFilter()), MOST_ROWS)],
    )


def _settings(bundle: OpenedBundle) -> Iterator[tuple[str, str]]:
    loaded = bundle.configuration.load()
    for name in SETTINGS:
        text = show(getattr(loaded.values, name)) or "nothing"
        yield name, f"{text} ({loaded.sources[name]})"


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case dict():
            for key, inner in value.items():
                yield from _flat(f"{name}.{key}", inner)
        case list():
            yield name, ", ".join(map(str, value))
        case _:
            yield name, str(value)


def _links(bundle: OpenedBundle) -> Iterator[Link]:
    after_sku = ""
    while links := bundle.store.skus.links(after_sku, AT_ONCE):
        yield from links
        after_sku = links[-1].sku
