"""What speaks against an update is found before it begins; what it holds and copies meanwhile."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from packaging.version import Version

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError, StoreLockedError, UpdateError
from reverb_plugin.store.backup import NAME, back_up
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import HOLD_FILE, Done, Settlement, open_store
from reverb_plugin.sync.owner import make_owner
from reverb_plugin.update.hold import held
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.manager import Kind, Manager
from reverb_plugin.update.offer import Choice, Offer, PassedOver
from reverb_plugin.update.plan import Spot, make_plan
from reverb_plugin.update.processes import find_users
from reverb_plugin.update.recover import GUARD
from reverb_plugin.update.wheel import WheelFacts

OURS = Manager(Kind.OURS, "", "reverb-plugin update")
OFFER = Offer("0.2.0", (), is_security=False, needs_migration=False)
FILE = ReleaseFile("reverb_plugin-0.2.0-py3-none-any.whl", "https://example.com/w", "0" * 64, Version("0.2.0"))
FACTS = WheelFacts("0.2.0", ">=3.11", (), "", HEAD, 1_000_000)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path, "sandbox", Clock())
    opened.record([product_changed("A-1", Reason.BY_HAND)])
    yield opened
    opened.close()


def plan_with(store, *, offer=OFFER, facts=FACTS, manager=OURS, **spot):
    here = Spot(store.path.parent, store.path, HEAD, store.path.parent, ("reverb_plugin",))
    choice = Choice(offer, FILE, facts, (PassedOver("0.3.0", "it was withdrawn"),))
    where = replace(here, **spot)
    return make_plan(choice, Version("0.1.0"), manager, where, additions=(), sender=None, users=())


def test_nothing_speaks_against_it(store):
    """An environment of our own with enough room."""
    assert plan_with(store).objections == ()


def test_no_space(store):
    """A disk that is too full for backup, copy and new files is named with what is there and what is needed."""
    (objection,) = plan_with(store, facts=replace(FACTS, unpacked_bytes=10**15)).objections

    assert "of free space" in objection
    assert "are needed" in objection


def test_an_environment_of_somebody_else(store):
    """Who else decides what is installed there is said with the command that does it, and nothing is begun."""
    manager = Manager(Kind.EXTERNAL, "This Python belongs to the operating system.", "pip install x=={version}")

    (objection,) = plan_with(store, manager=manager).objections

    assert objection == "This Python belongs to the operating system. The command is: pip install x==0.2.0"


def test_an_update_of_another_shop(store):
    """Two shops in one environment do not replace its files at once."""
    (store.path.parent / GUARD).mkdir()

    (objection,) = plan_with(store).objections

    assert "An update of another shop" in objection


def test_nothing_to_install(store):
    """It is said why the newer ones are not for here."""
    choice = Choice(passed_over=(PassedOver("0.3.0", "it was withdrawn"),))
    here = Spot(store.path.parent, store.path, HEAD, store.path.parent, ())

    with pytest.raises(UpdateError, match=r"0\.1\.0 stays: 0\.3\.0 is not for here: it was withdrawn"):
        make_plan(choice, Version("0.1.0"), OURS, here, additions=(), sender=None, users=())


def test_a_migration_is_in_the_plan(store):
    """The plan names the version of the database from before and the one after; without a change it is silent."""
    assert not any("Migrate" in step for step in plan_with(store).steps)

    steps = plan_with(store, facts=replace(FACTS, schema_head="9999")).steps

    assert f"Migrate the database from version {HEAD} to 9999" in steps


def test_the_sender_gives_way(store):
    """While it is held no other process gets the right to send; what is under way is waited for."""
    other = make_owner()
    assert store.claim_sender(other, "0.1.0", 30.0)
    job = store.lease("a-lease", 30.0)
    threading.Timer(0.3, lambda: store.settle(job, Settlement(Done(), None))).start()

    with held(store, Clock()):
        assert store.queue_status().leased == 0
        assert not store.claim_sender(other, "0.1.0", 30.0)

    assert store.claim_sender(other, "0.1.0", 30.0)


def test_the_backup_is_one_whole_file(store, tmp_path):
    """It has what the database held at that moment, while that is open, and needs no file beside it."""
    target = tmp_path / "elsewhere" / NAME
    target.parent.mkdir()

    back_up(store.path, target)
    store.record([product_changed("A-2", Reason.BY_HAND)])

    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT key FROM outbox").fetchall() == [("A-1",)]
    assert [path.name for path in target.parent.iterdir()] == [NAME]


def test_a_backup_that_cannot_be_made(store, tmp_path):
    """The one from before stays, and nothing half-made is left."""
    target = tmp_path / NAME
    target.write_bytes(b"the one from before")
    store.close()
    store.path.write_bytes(b"no database" * 100)

    with pytest.raises(StoreError, match="cannot be backed up"):
        back_up(store.path, target)

    assert target.read_bytes() == b"the one from before"
    assert not list(tmp_path.glob("*.unfinished"))


def test_the_backup_is_not_kept_for_ever(store, tmp_path):
    """It goes when what is known of buyers has to go."""
    backup = tmp_path / NAME
    back_up(store.path, backup)
    store.trim_backup(30)
    assert backup.exists()

    old = (Clock().now() - timedelta(days=31)).timestamp()
    os.utime(backup, (old, old))
    store.trim_backup(30)

    assert not backup.exists()


def test_nobody_else_migrates_meanwhile(store, tmp_path):
    """A process that finds an older database during an update waits: the old version may have to come back."""
    store.close()
    with closing(sqlite3.connect(store.path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
    (tmp_path / HOLD_FILE).parent.mkdir()
    (tmp_path / HOLD_FILE).touch()

    with pytest.raises(StoreLockedError, match="the plugin is being updated"):
        store.queue_status()


def test_who_has_the_database_open(store):
    """Of this machine's processes those that use it are found, by what they have open; this one does not count."""
    assert find_users(store.path) == ()

    words = [sys.executable, "-c", "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"]
    with subprocess.Popen([*words, store.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        (found,) = find_users(store.path)
        other.stdin.close()

    assert found.pid == other.pid
    assert found.command.startswith(f"{sys.executable} -c")
