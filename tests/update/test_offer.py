"""Which release is offered, and why the newer ones are not: pure, with real wheels."""

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.version import Version

from reverb_plugin.errors import IndexUnreachableError
from reverb_plugin.update.offer import MOST_READ, Demand, choose
from tests.update.looking import DEPENDENCIES

SECURITY = """\
# Changelog

## [Unreleased]

## [0.3.0] - 2027-01-01

### Fixed

- A small thing.

## [0.2.0] - 2026-12-01

### Security

- A **grave** thing, see [the advisory](https://example.com/1).

## [0.1.0] - 2026-11-01

### Security

- An old thing.
"""


def test_the_newest_is_offered(looker, publish):
    """Of several newer releases the newest one, as versions count and not as letters do."""
    for version in ("0.2.0", "0.10.0", "0.9.0"):
        publish(version)
    assert looker.offered() == "0.10.0"


REFUSED = {
    "a pre-release": ("0.3.0rc1", {}, "it is a pre-release"),
    "a development release": ("0.3.0.dev1", {}, "it is a pre-release"),
    "withdrawn": ("0.3.0", {"said": {"yanked": "it forgets photos"}}, "it was withdrawn: it forgets photos"),
    "withdrawn without a word": ("0.3.0", {"said": {"yanked": True}}, "it was withdrawn"),
    "for another Python": ("0.3.0", {"said": {"requires_python": ">=3.12"}}, "it needs Python >=3.12, here is 3.11.7"),
    "for another Python, inside": (
        "0.3.0",
        {"requires_python": "<3.11"},
        "it needs Python <3.11, here is 3.11.7",
    ),
    "for any Python": (
        "0.3.0",
        {"said": {"requires_python": "whatever"}},
        "which Python it needs cannot be read: whatever",
    ),
    "for another system": (
        "0.3.0",
        {"filename": "reverb_plugin-0.3.0-cp311-cp311-win_amd64.whl"},
        "it is made for other systems",
    ),
    "to be built": ("0.3.0", {"filename": "reverb_plugin-0.3.0.tar.gz"}, "it has no wheel"),
    "conflicting with what is installed": (
        "0.3.0",
        {"requires": ["requests>=3", "packaging"]},
        "it needs requests >=3, here is 2.32.3, which other software may need as it is",
    ),
    "of an older database": (
        "0.3.0",
        {"files": {f"reverb_plugin/store/migrations/versions/{name}.py": None for name in ("v0004_orders",)}},
        "it knows the database up to version 0003 only, in use is 0004",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_release_that_is_not_offered(looker, publish, case):
    """The release before it is offered instead, and it is said why."""
    version, options, reason = REFUSED[case]
    publish("0.2.0")
    publish(version, **options)
    assert looker.offered() == "0.2.0"
    assert looker.reasons() == {version: reason}


def test_a_package_that_wants_us_as_we_are(looker, publish):
    """A release that another installed package forbids is not offered."""
    looker.run(demands=[Demand("shop-extras", SpecifierSet("<0.3"))])
    publish("0.2.0")
    publish("0.3.0")
    assert looker.offered() == "0.2.0"
    assert looker.reasons() == {"0.3.0": "shop-extras, which is installed here, needs reverb-plugin <0.3"}


def test_dependencies_that_do_not_count_here(looker, publish):
    """Those of an extra, of another system and of the plugin itself."""
    publish(
        "0.2.0",
        requires=[*DEPENDENCIES, "evil; extra == 'dev'", "pywin32; sys_platform == 'win32'", "reverb-plugin[dev]"],
    )
    assert looker.updates.look().offer.adds == ()


def test_one_of_two_files_suits(looker, publish):
    """A release with a wheel for another system and one for this is offered with this one."""
    publish("0.2.0")
    publish("0.2.0", filename="reverb_plugin-0.2.0-cp311-cp311-win_amd64.whl")
    publish("0.2.0", filename="reverb_plugin-0.2.0.tar.gz")
    assert looker.updates.look().file.filename == "reverb_plugin-0.2.0-py3-none-any.whl"


def test_what_is_new(looker, publish):
    """All sections since the installed release, the newest first; security when one of them is about it."""
    publish("0.3.0", changes=SECURITY)
    offer = looker.updates.look().offer
    assert [section.version for section in offer.sections] == ["0.3.0", "0.2.0"]
    assert offer.sections[1].groups[0].entries == ("A grave thing, see the advisory.",)
    assert offer.is_security
    assert not offer.needs_migration


def test_an_old_security_problem_is_none(looker, publish):
    """What was mended before the installed release does not make the next one a security update."""
    looker.run(version=Version("0.2.0"))
    publish("0.3.0", changes=SECURITY)
    assert not looker.updates.look().offer.is_security


def test_a_migration_is_told(looker, publish):
    """A release that knows a newer database than this one brings it to a new form."""
    publish("0.2.0", files={"reverb_plugin/store/migrations/versions/v0005_more.py": ""})
    choice = looker.updates.look()
    assert choice.facts.schema_head == "0005"
    assert choice.offer.needs_migration


def test_few_wheels_are_fetched(looker, publish, index_server):
    """However many releases do not suit, no more than a few are looked into."""
    for minor in range(2, 10):
        publish(f"0.{minor}.0", requires=["requests>=3"])
    assert looker.offered() is None
    assert sum(path.endswith(".whl") for path in index_server.requests) == MOST_READ


def test_an_outage_is_not_a_reason(looker, publish, index_server):
    """A wheel that cannot be fetched now is not called unsuitable: the look has failed."""
    publish("0.2.0")
    publish("0.3.0")
    index_server.fault = lambda handler: handler.reply(503, "text/plain", b"")
    index_server.fault_at = "0.3.0-py3-none-any.whl"
    with pytest.raises(IndexUnreachableError, match="answers 503"):
        looker.updates.look()


def test_the_choice_is_pure(looker, publish):
    """The same page and environment give the same choice; nothing is kept in between."""
    publish("0.2.0")
    first = looker.updates.look()
    page = looker.updates._fetcher.get_page(looker.url)
    again = choose(page, looker.here, lambda file: first.facts)
    assert again == first
    elsewhere = replace(looker.here, tags=frozenset({Tag("pp310", "none", "any")}))
    assert choose(page, elsewhere, lambda file: first.facts).offer is None
