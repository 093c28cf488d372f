"""What changed between two bundles is told in words, and what was taken out of both is no change."""

import pytest

from reverb_plugin.support.cells import columns_of
from reverb_plugin.support.contents import read_contents
from reverb_plugin.support.diff import MOST_LINES, compare
from reverb_plugin.support.opened import open_bundle
from tests.support.databases import database
from tests.support.forge import bundle


def row(table, **cells):
    """A row of a table, whose other cells hold what they must."""
    usual = {"text": "", "whole": 0, "decimal": 0.0, "switch": 0, "moment": "2026-01-01T10:00:00Z", "json": "{}"}
    lists = {"links.photos": "[]", "links.owed": "[]", "sync_log.errors": "[]"}
    known = {
        column.name: None if column.is_optional else lists.get(column.full_name, usual[column.kind])
        for column in columns_of(table)
    }
    if "environment" in known:
        known["environment"] = "sandbox"
    return [*(known | cells).values()]


def link(sku, **cells):
    return row("links", sku=sku, listing_id="7", state="draft", **cells)


def attempt(number, sku, outcome, code=None, minute=0):
    moment = f"2026-01-01T11:{minute:02}:00Z"
    kind, message = "push_product", f"It was {outcome}."
    return row(
        "sync_log", id=number, sku=sku, outcome=outcome, code=code, created_at=moment, kind=kind, message=message
    )


def parked(number, sku, code):
    job = {"kind": "push_product", "scope": "all", "reason": "product saved", "state": "parked"}
    return row("outbox", id=number, key=sku, error_code=code, **job)


def finding(code, status, cause):
    return {"code": code, "status": status, "cause": cause, "name": code, "next_step": "", "docs": ""}


@pytest.fixture
def differ(tmp_path):
    """The sections that two bundles, each given as rows and parts, differ by."""
    number = iter(range(1000))

    def contents(rows=(), manifest=None, **parts):
        name = str(next(number))
        content = database(tmp_path / name, rows)
        named = {f"{part}.json": said for part, said in parts.items()} | {"database.sqlite3": content}
        with open_bundle(bundle(tmp_path / f"{name}.zip", named, **(manifest or {}))) as opened:
            return read_contents(opened)

    def differ(before, after):
        return {section.title: section.lines for section in compare(contents(**before), contents(**after))}

    return differ


def test_the_same_bundle_twice(differ):
    """Only that no time has passed."""
    same = {"rows": [("links", link("A")), ("sync_log", attempt(1, "A", "updated"))]}
    assert differ(same, same) == {"Bundles": ["The second bundle was made 0 s after the first."]}


def test_bundles_of_different_moments_and_versions(differ):
    """How long is between them, and what was updated; shops whose names were taken out may be the same."""
    before = {"manifest": {"shop": "<name-11111111>", "plugin": "0.1.0"}}
    after = {"manifest": {"shop": "<name-22222222>", "plugin": "0.2.0", "created_at": "2026-01-01T15:00:00Z"}}
    assert differ(before, after)["Bundles"] == [
        "The second bundle was made 3 h after the first.",
        "The plugin's version was 0.1.0, is 0.2.0",
    ]


def test_bundles_of_different_shops(differ):
    """A mistake that is easily made."""
    assert (
        "They may be of different shops: Guitars & Sons, Drums."
        in (differ({}, {"manifest": {"shop": "Drums"}})["Bundles"])
    )


def test_bundles_that_are_not_whole(differ):
    """What one of them lacks is no change in the shop."""
    entries = [{"name": "log.jsonl", "error": "the disk is full"}, {"name": "queue.jsonl", "note": "cut short"}]
    assert differ({}, {"manifest": {"entries": entries}})["Bundles"][1:] == [
        "The second is not whole: log.jsonl: the disk is full",
        "The second is not whole: queue.jsonl: cut short",
    ]


def test_findings_that_came_and_went(differ):
    """What was not told of before counts as well; another cause is told as well."""
    found = [
        finding("disk", "fail", "The disk is full."),
        finding("clock", "pass", "It is right."),
        finding("dns", "warn", "a"),
    ]
    later = [
        finding("disk", "pass", "There is room."),
        finding("clock", "fail", "It is off."),
        finding("dns", "warn", "b"),
    ]
    lines = differ({"checks": {"findings": found}}, {"checks": {"findings": later}})["Findings"]
    assert lines == [
        "disk: was fail, is pass: There is room.",
        "clock: was pass, is fail: It is off.",
        "dns: still warn, now because: b",
    ]


def test_settings(differ):
    """The old and the new value, each with where it comes from; a secret only by whether it is there."""
    lines = differ(
        {"settings": {"price_percent": {"value": "5", "source": "database"}}},
        {"settings": {"token": {"value": "[redacted]", "source": "environment"}}},
    )["Settings"]
    assert lines == [
        "token was nothing (default), is [redacted] (environment)",
        "price_percent was 5 (database), is 0 (default)",
    ]


def test_the_queue(differ):
    """How much waits, and what was parked or is free again."""
    before = {"rows": [("outbox", parked(1, "A", "refused")), ("outbox", parked(2, "B", "refused"))]}
    after = {"rows": [("outbox", parked(number, sku, "not-allowed")) for number, sku in enumerate(("B", "C", "D"), 2)]}
    assert differ(before, after)["Queue"] == [
        "3 jobs are parked; before it was 2",
        "push_product of B is parked for another reason now (not-allowed; was refused)",
        "push_product of C is parked now (not-allowed)",
        "push_product of D is parked now (not-allowed)",
        "push_product of A is no longer parked",
    ]


def test_the_log(differ):
    """How many attempts more, and which SKUs fail now or work again."""
    before = {
        "rows": [("sync_log", attempt(1, "A", "refused", "refused")), ("sync_log", attempt(2, "B", "updated", None, 1))]
    }
    after = {
        "rows": [
            *before["rows"],
            ("sync_log", attempt(3, "A", "updated", None, 2)),
            ("sync_log", attempt(4, "B", "refused", "not-allowed", 3)),
            ("sync_log", attempt(5, "C", "created", None, 3)),
        ]
    }
    first, *others = differ(before, after)["Sync log"]
    assert first.startswith("3 attempts more: ")
    assert "1 refused (not-allowed)" in first
    assert sorted(others) == ["A works again: It was updated.", "B fails now (not-allowed): It was refused."]


def test_listings(differ):
    """What is known of SKUs."""
    before = {"rows": [("links", link("A")), ("links", link("B")), ("links", link("C"))]}
    after = {
        "rows": [
            ("links", link("A")),
            ("links", row("links", sku="B", listing_id="7", state="live")),
            ("links", row("links", sku="D")),
        ]
    }
    assert differ(before, after)["Listings"] == [
        "B was draft as listing 7, is live as listing 7",
        "D is known now: without a listing",
        "C is no longer known",
    ]


def test_the_installation(differ):
    """Versions and packages, and whatever else was told; what is never the same twice is left out."""
    old = {"python": {"version": "3.11"}, "packages": {"requests": "2.32", "old": "1"}, "process": {"threads": ["a"]}}
    new = {"python": {"version": "3.12"}, "packages": {"requests": "2.33", "new": "1"}, "process": {"threads": ["b"]}}
    old["folder"], new["folder"] = "/home/<user-11111111>/shop", "/home/<user-22222222>/shop"
    assert differ({"environment": old}, {"environment": new})["Installation"] == [
        "environment.python.version was 3.11, is 3.12",
        "environment.packages.requests was 2.32, is 2.33",
        "environment.packages.old is gone; it was 1",
        "environment.packages.new is new: 1",
    ]


def test_many_changes_are_counted(differ):
    """A page full of one kind, then how many more."""
    after = {"environment": {"packages": {f"p{number}": "1" for number in range(MOST_LINES + 5)}}}
    lines = differ({}, after)["Installation"]
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "and 5 changes more"


@pytest.mark.parametrize("said", [5, [], [[1]], "text", None, {"a": {"b": [1, {"c": None}]}}])
def test_facts_of_any_shape(differ, said):
    """Whatever a bundle says of its machine."""
    differ({"environment": said}, {"environment": {"a": said}})
