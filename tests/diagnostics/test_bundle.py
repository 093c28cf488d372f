"""The bundle of a shop at work, and of installations that are sick in every way."""

import errno
import io
import json
import logging
import os
import random
import sqlite3
import stat
import threading
import time
import zipfile
from datetime import timedelta

import pytest

from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics import making
from reverb_plugin.diagnostics.bundle import Bundle, file_name
from reverb_plugin.diagnostics.collectors import database as collector
from reverb_plugin.diagnostics.finding import Report
from reverb_plugin.diagnostics.making import ABOUT
from reverb_plugin.diagnostics.scene import scene_of_folder
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.recent import RECENT
from reverb_plugin.store.schema import HEAD, metadata, utc_text
from reverb_plugin.store.snapshot import Narrowing
from reverb_plugin.store.store import FILE_NAME, open_store
from reverb_plugin.testing import NOON
from tests.diagnostics.canaries import make_canaries, plant
from tests.sync.market import guitar

MEMBERS = {*ABOUT, "manifest.json"}
WITHOUT_DATABASE = {"log.jsonl", "queue.jsonl", "exchanges.jsonl", "database.sqlite3"}


class Opened:
    """A bundle, read."""

    def __init__(self, content):
        self.zip = zipfile.ZipFile(content)
        self.manifest = self.json("manifest.json")
        self.entries = {entry["name"]: entry for entry in self.manifest["entries"]}

    def json(self, name):
        return json.loads(self.zip.read(name))

    def lines(self, name):
        return [json.loads(line) for line in self.zip.read(name).splitlines()]

    def rows(self, query):
        database = sqlite3.connect(":memory:")
        database.deserialize(self.zip.read("database.sqlite3"))
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    @property
    def report(self):
        return self.zip.read("report.html").decode()

    @property
    def missing(self):
        return {name for name, entry in self.entries.items() if entry["error"]}


needs_rights = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")


@pytest.fixture
def export(tmp_path):
    """Makes a bundle of a folder, without a plugin; without checks, where the database holds things that break some."""
    scenes = []

    def make(folder, *, checked=False, **options):
        scene = scene_of_folder(
            folder, {}, lambda _: "https://sandbox.reverb.com/api", Clock(), offline=True, **options
        )
        scenes.append(scene)
        content = io.BytesIO()
        (Bundle(scene) if checked else Bundle(scene, no_checks)).export(content)
        return Opened(content)

    yield make
    for scene in scenes:
        scene.untouched_store.close()


@pytest.fixture(autouse=True)
def _nothing_was_logged():
    RECENT.clear()


@pytest.fixture
def at_work(market):
    """A shop with a listing, a refused product and one that failed in the shop itself."""
    market.save(guitar("GOOD"))
    market.door.add_fault(
        "answer", "POST", "listings", status=422, body={"message": "no", "errors": {"title": ["bad"]}}
    )
    market.save(guitar("BAD"))
    fail(market, "RAISES", "the till is closed")
    return market


def fail(market, sku, message):
    """The shop cannot tell what it has under this SKU."""
    market.put(guitar(sku))
    market.host.fail(RuntimeError(message), sku=sku)
    on_product_saved(sku, plugin=market.plugin)
    market.try_once()


def no_checks(_scene):
    return Report((), (), NOON, is_offline=True)


def exported(market, **narrowed):
    content = io.BytesIO()
    market.plugin.bundle.export(content, Narrowing(**narrowed))
    return Opened(content)


class TestOfAShopAtWork:
    def test_every_part_is_there(self, at_work):
        """The manifest lists each file with its size and what became of it; nothing else is in the zip."""
        bundle = exported(at_work)
        assert set(bundle.zip.namelist()) == MEMBERS
        assert set(bundle.entries) == MEMBERS - {"manifest.json"}
        assert bundle.missing == set()
        assert {name: entry["size"] for name, entry in bundle.entries.items()} == {
            info.filename: info.file_size for info in bundle.zip.infolist() if info.filename != "manifest.json"
        }
        assert bundle.manifest["environment"] == "sandbox"
        assert bundle.manifest["schema"] == HEAD

    def test_it_tells_what_happened(self, at_work):
        """Log, queue, requests and answers, the products that failed, settings and findings."""
        bundle = exported(at_work)
        assert [row["sku"] for row in bundle.lines("log.jsonl")] == ["RAISES", "BAD", "GOOD"]
        assert {row["key"] for row in bundle.lines("queue.jsonl")} >= {"BAD"}
        assert any('"title"' in row["request"] for row in bundle.lines("exchanges.jsonl") if row["request"])
        products = {each["sku"]: each for each in bundle.lines("products.jsonl")}
        assert products["BAD"]["product"]["title"] == "Fender Player Stratocaster"
        assert products["RAISES"]["error"] == {"type": "RuntimeError", "message": "the till is closed"}
        assert bundle.json("settings.json")["token"] == {"value": "[redacted]", "source": "argument"}
        assert {finding["code"] for finding in bundle.json("checks.json")["findings"]} >= {"no-token"}
        assert "finding it out takes too long" not in bundle.zip.read("checks.json").decode()
        assert bundle.json("host.json")["adapter"].endswith("FakeHost")

    def test_the_copy_has_every_table_and_opens(self, at_work):
        """Tables and columns are those of the plugin; its pages are not those of the file."""
        bundle = exported(at_work)
        for table in metadata.tables.values():
            assert (
                bundle.rows(f"SELECT {', '.join(column.name for column in table.columns)} FROM {table.name}")
                is not None
            )
        assert bundle.rows("PRAGMA integrity_check") == [("ok",)]
        (sent,) = bundle.rows("SELECT sent FROM links WHERE sku = 'GOOD'")[0]
        assert json.loads(sent) == at_work.link("GOOD").sent

    def test_it_is_narrowed_to_a_sku(self, at_work):
        """Only rows of that SKU; the settings are whole."""
        bundle = exported(at_work, sku="BAD")
        assert {row["sku"] for row in bundle.lines("log.jsonl")} == {"BAD"}
        assert [each["sku"] for each in bundle.lines("products.jsonl")] == ["BAD"]
        assert {row[0] for row in bundle.rows("SELECT sku FROM links")} <= {"BAD"}
        assert bundle.manifest["sku"] == "BAD"
        assert len(bundle.json("settings.json")) > 30

    def test_it_is_narrowed_to_a_time(self, at_work):
        """Only rows from then on."""
        at_work.clock.advance(3600)
        moment = at_work.clock.now()
        at_work.save(guitar("LATER"))
        bundle = exported(at_work, since=moment)
        rows = bundle.lines("log.jsonl")
        assert "LATER" in {row["sku"] for row in rows}
        assert min(row["created_at"] for row in rows) >= utc_text(moment)

    def test_the_report_needs_nothing_else(self, at_work):
        """One page without a script, that asks nobody for anything and shows the failures."""
        report = exported(at_work).report
        assert "default-src 'none'" in report
        assert not any(word in report for word in ("<script", "<img", "<link", "src=", "url("))
        assert "the till is closed" in report
        assert "title: bad" in report

    def test_texts_of_others_are_only_text(self, at_work):
        """Markup in a title or a message is shown, not run."""
        fail(at_work, "EVIL", "<script>alert(1)</script><b>")
        report = exported(at_work).report
        assert "<script>" not in report
        assert "&lt;script&gt;alert(1)" in report

    def test_it_goes_into_a_file_of_its_owner(self, at_work, tmp_path):
        """Also over one that is there; nothing unfinished is left beside it."""
        path = tmp_path / "out" / "problem.zip"
        path.parent.mkdir()
        path.write_text("old")
        made = at_work.plugin.export_bundle(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [each.name for each in path.parent.iterdir()] == ["problem.zip"]
        assert made.size == path.stat().st_size
        assert Opened(path).missing == set()

    def test_the_preview_says_what_would_go_in(self, at_work):
        """Each part with what it holds, and how many rows; nothing is made."""
        parts = {part.name: part for part in at_work.plugin.bundle.preview(Narrowing("BAD"))}
        assert set(parts) == set(ABOUT)
        assert (parts["log.jsonl"].rows, parts["queue.jsonl"].rows) == (1, 1)
        assert all(part.about for part in parts.values())

    def test_warnings_of_the_plugin_go_in_with_their_tracebacks(self, at_work):
        """What the process logged lately; the host's logging is left as it is."""
        before = list(logging.getLogger().handlers)
        error = RuntimeError("jane@example.com was not found")
        logging.getLogger("reverb_plugin.sync").error("The worker stumbled", exc_info=error)
        records = exported(at_work).lines("tracebacks.jsonl")
        assert records[-1]["message"] == "The worker stumbled"
        assert "RuntimeError: <email" in records[-1]["traceback"]
        assert logging.getLogger().handlers == before

    def test_tracebacks_of_other_processes_go_in(self, at_work, export):
        """Whoever sends leaves them in the database; the command line finds them there."""
        logging.getLogger("reverb_plugin.sync").error("It stumbled there", exc_info=RuntimeError("in the web process"))
        at_work.drain()
        RECENT.clear()
        records = export(at_work.plugin.store.path.parent).lines("tracebacks.jsonl")
        assert [record["message"] for record in records] == ["It stumbled there"]
        assert "in the web process" in records[0]["traceback"]

    def test_a_fingerprint_of_the_token_does_not_travel(self, at_work):
        """Only whether it is of the token in force."""
        at_work.door.set(token_revoked=True)
        at_work.save(guitar("LAST"))
        bundle = exported(at_work)
        assert bundle.rows("SELECT refused_token FROM remote_state") == [("current",)]


class TestOfASickInstallation:
    def test_without_a_database(self, export, tmp_path):
        """Nothing has been recorded yet: the rest is there, and nothing was made."""
        bundle = export(tmp_path / "data", checked=True)
        assert bundle.missing == WITHOUT_DATABASE
        assert "There is no database" in bundle.entries["log.jsonl"]["error"]
        assert not (tmp_path / "data").exists()
        assert "There is no database" in bundle.report

    @pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 4096, b"no database" * 999])
    def test_with_a_file_that_is_no_database(self, export, tmp_path, content):
        """What can be told without it is told, and the file is as it was."""
        path = tmp_path / FILE_NAME
        path.write_bytes(content)
        bundle = export(tmp_path, checked=True)
        assert {"settings.json", "environment.json", "checks.json", "report.html"} <= set(bundle.zip.namelist())
        assert bundle.entries["log.jsonl"]["error"] or bundle.entries["log.jsonl"]["note"]
        assert path.read_bytes() == content

    def test_with_a_damaged_database(self, export, tmp_path):
        """Rows that can still be read are there, and what is damaged is said."""
        store = filled(tmp_path, rows=50)
        content = bytearray(store.path.read_bytes())
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 8 * 4096] = b"\xaa" * (8 * 4096)
        store.path.write_bytes(bytes(content))
        bundle = export(tmp_path)
        assert bundle.missing == set()
        assert "cut short" in (bundle.entries["database.sqlite3"]["note"] or "")
        assert sum(len(bundle.lines(name)) for name in ("log.jsonl", "queue.jsonl", "exchanges.jsonl")) > 20

    def test_with_an_older_and_a_newer_schema(self, export, tmp_path):
        """Columns that are missing are missing, unknown ones and unknown tables do not travel; nothing is migrated."""
        store = filled(tmp_path)
        with sqlite3.connect(store.path) as database:
            database.execute("ALTER TABLE sync_log DROP COLUMN product_title")
            database.execute("ALTER TABLE sync_log ADD COLUMN buyer_secret TEXT DEFAULT 'hunter2'")
            database.execute("DROP TABLE stock")
            database.execute("CREATE TABLE visitors (name TEXT)")
            database.execute("INSERT INTO visitors VALUES ('Olga Zwetsch')")
            database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.close()
        bundle = export(tmp_path)
        assert "product_title" not in bundle.lines("log.jsonl")[0]
        content = bundle.zip.read("database.sqlite3")
        assert b"hunter2" not in content
        assert b"visitors" not in content
        assert bundle.rows("SELECT version_num FROM alembic_version") == [("9999",)]

    def test_while_another_process_holds_the_database(self, export, tmp_path):
        """A writer that does not end keeps no reader waiting."""
        store = filled(tmp_path)
        holder = sqlite3.connect(store.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            began_at = time.monotonic()
            bundle = export(tmp_path)
            assert bundle.lines("log.jsonl")
            assert time.monotonic() - began_at < 30
        finally:
            holder.close()

    @needs_rights
    def test_in_a_folder_that_cannot_be_written(self, export, tmp_path):
        """Reading needs no writing."""
        store = filled(tmp_path / "data")
        store.path.chmod(0o400)
        store.path.parent.chmod(0o500)
        try:
            assert export(tmp_path / "data").lines("log.jsonl")
        finally:
            store.path.parent.chmod(0o700)

    @needs_rights
    def test_with_a_journal_that_cannot_be_read(self, export, tmp_path):
        """Where nothing may be written SQLite reads no journal: the rows are those before it, and that is said."""
        store = filled(tmp_path / "data")
        journal_path = store.path.with_name(f"{FILE_NAME}-wal")
        writer = sqlite3.connect(store.path, isolation_level=None)
        writer.execute("UPDATE sync_log SET message = 'the newest'")
        journal = journal_path.read_bytes()
        writer.close()
        journal_path.write_bytes(journal)
        store.path.parent.chmod(0o500)
        try:
            bundle = export(tmp_path / "data")
        finally:
            store.path.parent.chmod(0o700)
        assert bundle.lines("log.jsonl")
        assert "newest changes are missing" in bundle.entries["database.sqlite3"]["note"]

    def test_when_the_target_cannot_be_written(self, tmp_path):
        """A full disk is told as what it is, and leaves nothing behind."""

        class Full(io.BytesIO):
            def write(self, content):
                if self.tell() > 2_000:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return super().write(content)

        scene = scene_of_folder(tmp_path / "data", {}, lambda _: "https://x.example", Clock(), offline=True)
        with pytest.raises(OSError, match="No space left"):
            Bundle(scene).export(Full())
        with pytest.raises(OSError, match="No such file"):
            Bundle(scene).export(tmp_path / "nowhere" / "x.zip")
        assert not (tmp_path / "nowhere").exists()

    def test_a_target_need_not_be_seekable(self, export, tmp_path):
        """Such as a pipe to a browser."""

        class Pipe:
            def __init__(self):
                self.content = io.BytesIO()

            def write(self, content):
                return self.content.write(content)

            def flush(self):
                pass

        pipe = Pipe()
        scene = scene_of_folder(tmp_path / "data", {}, lambda _: "https://x.example", Clock(), offline=True)
        Bundle(scene).export(pipe)
        assert Opened(pipe.content).zip.testzip() is None

    def test_a_shop_that_never_answers(self, export, tmp_path, monkeypatch):
        """It is waited for, for a while; the rest goes on."""
        monkeypatch.setattr(making, "SHOP_SECONDS", 0.2)
        over = threading.Event()

        class Stuck:
            def find_product(self, sku):
                over.wait(30)

            def iter_products(self, after_sku=None):
                return iter(())

        filled(tmp_path)
        try:
            bundle = export(tmp_path, host=Stuck())
        finally:
            over.set()
        assert "longer than" in bundle.entries["products.jsonl"]["error"]
        assert bundle.lines("log.jsonl")

    def test_checks_that_break(self, tmp_path):
        """The bundle says so, and has the rest."""

        def broken(_scene):
            raise RuntimeError("no doctor in /home/marigold/x")

        scene = scene_of_folder(tmp_path / "data", {}, lambda _: "https://x.example", Clock(), offline=True)
        content = io.BytesIO()
        Bundle(scene, broken).export(content)
        bundle = Opened(content)
        assert bundle.entries["checks.json"]["error"].startswith("RuntimeError: no doctor in /home/<user-")
        assert "could not be made" in bundle.report

    def test_what_broke_is_told_without_what_must_not_leave(self, export, tmp_path, monkeypatch):
        """The words of an error pass the gate before they stand in the manifest, in the report and on the screen."""

        def breaks(_loaded):
            raise RuntimeError("asked olga@example.org")

        monkeypatch.setattr("reverb_plugin.diagnostics.bundle.collect_settings", breaks)
        bundle = export(tmp_path)
        assert "RuntimeError: asked <email-" in bundle.entries["settings.json"]["error"]
        assert not any(b"olga@" in bundle.zip.read(name) for name in bundle.zip.namelist())

    def test_where_no_thread_can_be_started(self, export, tmp_path, monkeypatch):
        """As under uWSGI without threads: everything is done in turn."""
        filled(tmp_path)
        monkeypatch.setattr(threading.Thread, "start", lambda self: (_ for _ in ()).throw(RuntimeError("no threads")))
        bundle = export(tmp_path)
        assert bundle.missing == set()

    def test_numbers_and_bytes_where_texts_should_be(self, export, tmp_path):
        """SQLite keeps anything in any column; what is no text of ours is cleared as a text."""
        store = filled(tmp_path)
        with sqlite3.connect(store.path) as database:
            database.execute(
                "UPDATE sync_log SET message = X'FF00616263', requests = 'jane@example.com', attempt = 1e300"
            )
            database.execute("UPDATE cache SET content = 'no json: jane@example.com'")
            database.execute("UPDATE links SET sent = '[' || char(0) || ']'")
        database.close()
        bundle = export(tmp_path)
        assert b"jane@" not in b"".join(bundle.zip.read(name) for name in bundle.zip.namelist())
        assert bundle.lines("log.jsonl")


def test_a_large_database_is_cut_to_size_and_time(export, tmp_path, monkeypatch):
    """Texts without end make no bundle without end: what was cut is said."""
    store = filled(tmp_path, rows=30)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE sync_log SET message = replace(hex(zeroblob(200000)), '00', 'ab cd ')")
    database.close()
    monkeypatch.setitem(collector.MOST_LETTERS, "sync_log", 120_000)
    bundle = export(tmp_path)
    assert "too large" in bundle.entries["log.jsonl"]["note"]
    assert len(bundle.lines("log.jsonl")) == 2
    monkeypatch.setattr(making, "DATABASE_SECONDS", 0.0)
    assert "no more time" in export(tmp_path).entries["database.sqlite3"]["note"]


def test_a_text_without_end_takes_no_place_from_others(export, tmp_path):
    """It is shortened, and every other row is there."""
    store = filled(tmp_path, rows=5)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE sync_log SET message = hex(zeroblob(5000000)) WHERE id = 3")
    database.close()
    bundle = export(tmp_path)
    assert bundle.entries["log.jsonl"]["note"] is None
    assert [len(row["message"]) > 30_000 for row in bundle.lines("log.jsonl")] == [False, False, True, False, False]


def test_its_name_tells_when():
    """Bundles of a day lie in the order in which they were made."""
    assert file_name(NOON) == "reverb-plugin-20260101-120000.zip"
    assert file_name(NOON + timedelta(seconds=1)) > file_name(NOON)


def filled(folder, rows=3):
    """A database with rows in every table."""
    store = open_store(folder, "sandbox", Clock())
    store.queue_status()
    store.close()
    lot = random.Random(7)
    plant(store.path, make_canaries(lot), lot, rows)
    with sqlite3.connect(store.path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return store
