"""What changed from one bundle to another, in words. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reverb_plugin.changes import Outcome
from reverb_plugin.diagnostics import pseudonyms
from reverb_plugin.diagnostics.finding import Status
from reverb_plugin.store.links import Link
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.support.contents import Contents
from reverb_plugin.texts import counted, duration

MOST_LINES = 20
"""Of one kind of change; the rest is counted."""

LONGEST = 200
FAILED = frozenset({Outcome.REFUSED, Outcome.DEFERRED})
FICKLE = ("environment.process.", "environment.time.", "database.pragmas.", "database.folder.free_bytes")
"""Facts that are never the same twice."""

_PSEUDONYM = re.compile(pseudonyms.PATTERN)


@dataclass(frozen=True, slots=True)
class Section:
    """Changes of one kind, one in each line."""

    title: str
    lines: Sequence[str]


def compare(before: Contents, after: Contents) -> Sequence[Section]:
    """What changed; no section where nothing did."""
    kinds: Mapping[str, Callable[[Contents, Contents], Iterator[str]]] = {
        "Bundles": _bundles,
        "Findings": _findings,
        "Settings": lambda before, after: _texts(before.settings, after.settings),
        "Queue": _queue,
        "Sync log": _log,
        "Listings": _listings,
        "Installation": _facts,
    }
    sections = (Section(title, _bounded(tell(before, after))) for title, tell in kinds.items())
    return [section for section in sections if section.lines]


def _bundles(before: Contents, after: Contents) -> Iterator[str]:
    first, second = before.manifest, after.manifest
    if first.created_at is not None and second.created_at is not None:
        seconds = (second.created_at - first.created_at).total_seconds()
        order = "after" if seconds >= 0 else "before"
        yield f"The second bundle was made {duration(abs(seconds))} {order} the first."
    if not _same(first.shop, second.shop):
        yield f"They may be of different shops: {first.shop or 'not known'}, {second.shop or 'not known'}."
    for what, old, new in (
        ("The plugin's version", first.plugin, second.plugin),
        ("The database's version", first.schema, second.schema),
        ("The environment", first.environment, second.environment),
        ("The address of the API", first.api_url, second.api_url),
    ):
        if not _same(old, new):
            yield _was(what, old, new)
    for which, notes in (("first", before.notes), ("second", after.notes)):
        yield from (f"The {which} is not whole: {note}" for note in notes)


def _findings(before: Contents, after: Contents) -> Iterator[str]:
    for code, finding in after.findings.items():
        old = before.findings.get(code)
        was = Status.PASS if old is None else old.status
        if finding.status is not was:
            yield f"{code}: was {was}, is {finding.status}: {finding.cause}"
        elif old is not None and was is not Status.PASS and not _same(old.cause, finding.cause):
            yield f"{code}: still {finding.status}, now because: {finding.cause}"
    for code, finding in before.findings.items():
        if code not in after.findings and finding.status is not Status.PASS:
            yield f"{code}: was {finding.status}, is no longer told of"


def _queue(before: Contents, after: Contents) -> Iterator[str]:
    for name in ("pending", "leased", "parked"):
        old, new = getattr(before.queue, name), getattr(after.queue, name)
        if old != new:
            yield f"{counted(new, 'job')} {'is' if new == 1 else 'are'} {name}; before it was {old:,}"
    for job, code in after.parked.items():
        if job not in before.parked:
            yield f"{job} is parked now ({code})"
        elif before.parked[job] != code:
            yield f"{job} is parked for another reason now ({code}; was {before.parked[job]})"
    yield from (f"{job} is no longer parked" for job in before.parked if job not in after.parked)


def _log(before: Contents, after: Contents) -> Iterator[str]:
    newest = max((row.created_at for row in before.rows), default=None)
    since = [row for row in after.rows if newest is None or row.created_at > newest]
    if since:
        outcomes = Counter(row.outcome if row.code is None else f"{row.outcome} ({row.code})" for row in since)
        told = ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.most_common())
        yield f"{counted(len(since), 'attempt')} more: {told}"
    old, new = _newest(before.rows), _newest(after.rows)
    for sku, row in new.items():
        failed_before = sku in old and _failed(old[sku])
        if _failed(row) and not failed_before:
            yield f"{sku} fails now ({row.code or row.outcome}): {_told(row)}"
        elif failed_before and not _failed(row):
            yield f"{sku} works again: {row.message}"
        elif failed_before and row.code != old[sku].code:
            yield f"{sku} fails otherwise now ({row.code or row.outcome}; was {old[sku].code}): {_told(row)}"


def _listings(before: Contents, after: Contents) -> Iterator[str]:
    for sku, link in after.links.items():
        old = before.links.get(sku)
        if old is None:
            yield f"{sku} is known now: {_link_words(link)}"
        elif _link_words(old) != _link_words(link):
            yield f"{sku} was {_link_words(old)}, is {_link_words(link)}"
    yield from (f"{sku} is no longer known" for sku in before.links if sku not in after.links)


def _facts(before: Contents, after: Contents) -> Iterator[str]:
    lasting = [
        {name: text for name, text in each.facts.items() if not name.startswith(FICKLE)} for each in (before, after)
    ]
    return _texts(*lasting)


def _texts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"{name} is new: {_short(str(new))}"
        elif new is None:
            yield f"{name} is gone; it was {_short(old)}"
        elif not _same(old, new):
            yield _was(name, old, new)


def _was(what: str, old: str, new: str) -> str:
    return f"{what} was {_short(old) or 'not known'}, is {_short(new) or 'not known'}"


def _same(old: str, new: str) -> bool:
    """Pseudonyms of two bundles have nothing in common: of the same kind, they count as the same."""
    return _kinds_only(old) == _kinds_only(new)


def _kinds_only(text: str) -> str:
    return _PSEUDONYM.sub(lambda found: found[0].partition("-")[0], text)


def _newest(rows: Sequence[LogEntry]) -> Mapping[str, LogEntry]:
    return {row.sku: row for row in reversed(rows) if row.sku}


def _failed(row: LogEntry) -> bool:
    return row.outcome in FAILED


def _told(row: LogEntry) -> str:
    return "; ".join([row.message, *map(str, row.errors)])


def _link_words(link: Link) -> str:
    if link.deleted_at is not None:
        return "deleted in the shop"
    if link.listing_id is None:
        return "without a listing"
    return f"{link.state or 'in an unknown state'} as listing {link.listing_id}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _bounded(lines: Iterator[str]) -> Sequence[str]:
    told = list(lines)
    rest = len(told) - MOST_LINES
    return told if rest <= 0 else [*told[:MOST_LINES], f"and {counted(rest, 'change')} more"]
