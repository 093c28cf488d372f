"""``report.html``: the bundle for a person, in one file that needs nothing else; all in it has passed the gate."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reverb_plugin.diagnostics.package import Part
from reverb_plugin.errors import find_hint
from reverb_plugin.texts import commands

SHOWN_ROWS = 300
SHOWN_TROUBLES = 25
SHOWN_TRACEBACKS = 20
SHOWN_SKUS = 5
TROUBLED = frozenset({"refused", "deferred"})

Rows = Callable[[str], Iterable[Mapping[str, Any]]]


@dataclass(slots=True)
class Trouble:
    """What went wrong in the same way several times: how often, when last, for which SKUs, and what to do."""

    code: str
    message: str
    number: int
    last_at: str
    skus: dict[str, None]
    hint: str
    complaints: Sequence[str]


def render_report(
    head: Mapping[str, Any],
    told: Mapping[str, Any],
    rows: Rows,
    parts: Sequence[Part],
    removed: Mapping[str, int],
    pause: Callable[[], None],
) -> str:
    """The page.

    Args:
        head: what the manifest says of the bundle.
        told: the parts in JSON by their names, as far as there are some.
        rows: gives the rows of a table of the copy, the newest first.
        parts: what the bundle holds.
        removed: how much of each kind was taken out.
        pause: called often, so that others get their turn.
    """
    checks, environment = _mapping(told.get("checks.json")), _mapping(told.get("environment.json"))
    settings = {name: _mapping(each) for name, each in _mapping(told.get("settings.json")).items()}
    findings = [each for each in checks.get("findings", ()) if isinstance(each, Mapping)]
    log = list(islice(rows("sync_log"), SHOWN_ROWS))
    pieces = (
        _environment()
        .get_template("bundle_report.html")
        .generate(
            head=head,
            findings=[each for each in findings if each.get("status") != "pass"],
            passed=[each for each in findings if each.get("status") == "pass"],
            skipped=[each for each in checks.get("skipped", ()) if isinstance(each, Mapping)],
            has_checks=bool(checks),
            troubles=find_troubles(rows("sync_log"), str(head.get("environment"))),
            log=[{**row, "complaints": _complaints(row.get("errors"))} for row in log],
            log_number=sum(1 for _ in rows("sync_log")),
            days=_days(rows),
            queue=Counter(str(row.get("state")) for row in rows("outbox")),
            parked=list(islice((row for row in rows("outbox") if row.get("state") == "parked"), SHOWN_TROUBLES)),
            tracebacks=list(told.get("tracebacks.jsonl") or ())[-SHOWN_TRACEBACKS:][::-1],
            chosen={name: each for name, each in settings.items() if each.get("source") != "default"},
            as_they_come={name: each for name, each in settings.items() if each.get("source") == "default"},
            environment={name: value for name, value in environment.items() if name != "packages"},
            packages=_mapping(environment.get("packages")),
            database=_mapping(told.get("database.json")),
            host=_mapping(told.get("host.json")),
            parts=parts,
            removed=removed,
        )
    )
    made = []
    for piece in pieces:
        pause()
        made.append(piece)
    return "".join(made)


def find_troubles(log: Iterable[Mapping[str, Any]], environment: str) -> Sequence[Trouble]:
    """What did not end well, the same together, the newest first; ``log`` is the newest first."""
    found: dict[tuple[str, str, str], Trouble] = {}
    for row in log:
        if row.get("outcome") not in TROUBLED:
            continue
        code, message, complaints = str(row.get("code") or ""), str(row.get("message")), str(row.get("errors"))
        trouble = found.get((code, message, complaints))
        if trouble is None and len(found) < SHOWN_TROUBLES:
            last_at, hint = str(row.get("created_at")), find_hint(code, environment) or ""
            trouble = Trouble(code, message, 0, last_at, {}, hint, _complaints(complaints))
            found[code, message, complaints] = trouble
        if trouble is not None:
            trouble.number += 1
            if row.get("sku") and len(trouble.skus) < SHOWN_SKUS:
                trouble.skus.setdefault(str(row["sku"]))
    return list(found.values())


def _days(rows: Rows) -> Sequence[tuple[str, Mapping[str, int]]]:
    """The last fortnight, the newest first: how many attempts ended how."""
    days: dict[str, Counter[str]] = {}
    for row in rows("log_days"):
        number = row.get("attempts")
        if isinstance(number, int):
            days.setdefault(str(row.get("day")), Counter())[str(row.get("outcome"))] += number
    return sorted(days.items(), reverse=True)[:14]


def _complaints(errors: object) -> Sequence[str]:
    try:
        found = json.loads(str(errors))
    except ValueError:
        return ()
    if not isinstance(found, list):
        return ()
    return [
        ": ".join(filter(None, (each.get("field"), each.get("message")))) for each in found if isinstance(each, dict)
    ]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reverb_plugin.templates", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["commands"] = commands
    return made
