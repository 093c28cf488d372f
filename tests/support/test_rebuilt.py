"""A bundle's database is built anew of what our tables can hold; nothing else of it is touched or believed."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverb_plugin.store.schema import HEAD, metadata
from reverb_plugin.support import rebuilt
from reverb_plugin.support.rebuilt import rebuild
from reverb_plugin.testing import FrozenClock
from tests.support.databases import database, rows_of_each_table, written

ROWS = rows_of_each_table("<b>text</b> & 'more' \U0001f3b8")


@pytest.fixture
def built(tmp_path):
    """What becomes of a database with a row in each table, and a script run in it."""

    def build(script="", content=None):
        source, target = tmp_path / "source", tmp_path / "target"
        content = content if content is not None else database(source, ROWS, script=script)
        made = rebuild(content, target, "sandbox", FrozenClock())
        tables = written(made.store.path)
        made.store.close()
        assert not (target / "untrusted.sqlite3").exists()
        return made, tables

    return build


def test_each_row_of_each_table_comes_over(built):
    """As it was, and nothing is told."""
    made, tables = built()
    assert tables == {name: [tuple(row)] for name, row in ROWS.items()}
    assert made.notes == []


def test_without_a_database_there_is_an_empty_one(tmp_path):
    """The bundle of an installation whose database could not be read: said in words."""
    made = rebuild(None, tmp_path, "sandbox", FrozenClock())
    assert made.store.count_links() == 0
    assert made.notes == ["The bundle holds no database, so the pages are empty."]
    made.store.close()


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database(built, content):
    """The pages are empty, and it is said why."""
    made, tables = built(content=content)
    assert not any(tables.values())
    assert made.notes


def test_a_damaged_table_is_read_as_far_as_it_goes(tmp_path, built):
    """The other tables are whole."""
    days = "".join(f"INSERT INTO log_days VALUES ('sandbox', 'd{n}', 'updated', 1);" for n in range(3000))
    content = bytearray(database(tmp_path / "long", ROWS, script=f"BEGIN;{days}COMMIT;"))
    raw = sqlite3.connect(tmp_path / "long" / "reverb-plugin.sqlite3")
    (root,) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'log_days'").fetchone()
    raw.close()
    page = 4096
    content[(root - 1) * page : (root - 1) * page + page] = bytes(page)
    made, tables = built(content=bytes(content))
    assert len(tables["outbox"]) == len(tables["links"]) == 1
    assert any("log_days" in note for note in made.notes)


class TestHostile:
    def test_triggers_and_views_are_never_touched(self, built):
        """A trigger beside a table, a view in place of one, and both under foreign names."""
        script = """
            CREATE TRIGGER evil AFTER INSERT ON links BEGIN DELETE FROM links; END;
            DROP TABLE outbox;
            CREATE VIEW outbox AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id FROM n;
            CREATE VIEW other AS SELECT load_extension('evil');
        """
        made, tables = built(script)
        assert tables["outbox"] == []
        assert tables["links"] == [tuple(ROWS["links"])]
        assert made.notes == ["The bundle's database has no table outbox."]

    def test_a_virtual_table_is_none_of_ours(self, built):
        """Its code would run when it is read."""
        script = "DROP TABLE outbox; CREATE VIRTUAL TABLE outbox USING fts5(id, kind, key);"
        assert built(script)[0].notes == ["The bundle's database has no table outbox."]

    def test_a_function_in_a_column_is_not_run(self, built):
        """Nor any other SQL of the file."""
        script = """
            DROP TABLE sender;
            CREATE TABLE sender (id INTEGER, owner TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))),
                version TEXT, started_at TEXT, leased_until TEXT);
            INSERT INTO sender VALUES (1, 'v', '2026-01-01T11:00:00.000000Z', '2026-01-01T11:00:00.000000Z');
        """
        made, tables = built(script)
        assert tables["sender"] == []
        assert any("table sender could not be read to its end" in note for note in made.notes)

    def test_a_huge_value_ends_its_table(self, built, monkeypatch):
        """A blob of many megabytes is never brought into memory."""
        monkeypatch.setattr(rebuilt, "MOST_CELL_BYTES", 10_000)
        made, tables = built("UPDATE links SET web_url = hex(zeroblob(20000));")
        assert tables["links"] == []
        assert any("table links could not be read" in note for note in made.notes)

    def test_a_database_that_grows_when_it_is_read(self, built, monkeypatch):
        """Many rows may share the pages of one long text: what is taken over of all tables is bounded."""
        monkeypatch.setattr(rebuilt, "MOST_BYTES", 5_000)
        made, tables = built(script="UPDATE links SET web_url = hex(zeroblob(4000));")
        assert tables["links"] == []
        assert any("links" in note and "larger than that of any bundle" in note for note in made.notes)

    def test_an_endless_read_is_cut_short(self, built, monkeypatch):
        """Whatever the file makes SQLite do, it has to be over after a while."""
        monkeypatch.setattr(rebuilt, "MOST_SECONDS", -1.0)
        monkeypatch.setattr(rebuilt, "STEPS_BETWEEN_LOOKS", 1)
        assert "interrupted" in " ".join(built()[0].notes)

    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("sync_log", "outcome = '<script>'"),
            ("sync_log", "created_at = 'yesterday'"),
            ("sync_log", "created_at = '0001-01-01T00:00:00.000000Z'"),
            ("sync_log", "errors = '5'"),
            ("sync_log", "errors = '[5]'"),
            ("sync_log", 'errors = \'[{"field": 5, "message": "x"}]\''),
            ("sync_log", "errors = '" + "[" * 3000 + "'"),
            ("sync_log", "message = x'00ff'"),
            ("sync_log", "duration_seconds = 9e999"),
            ("sync_log", "attempt = 'many'"),
            ("outbox", "kind = 'format_disk'"),
            ("outbox", "state = 'lost'"),
            ("runs", "state = 'running wild'"),
            ("run_rows", "differences = '{}'"),
            ("run_rows", "is_grave = 7"),
            ("links", "environment = 'elsewhere'"),
            ("links", "photos = '\"x\"'"),
            ("orders", "links = '[1]'"),
            ("orders", 'money = \'{"total": ["1E+999999999", "USD"]}\''),
            ("orders", 'money = \'{"total": "5"}\''),
        ],
    )
    def test_a_row_that_cannot_be_meant_is_left_out(self, built, table, change):
        """And counted; all others come over."""
        made, tables = built(f"PRAGMA ignore_check_constraints=ON; UPDATE {table} SET {change};")
        assert tables[table] == []
        assert any(f"table {table} cannot be meant" in note for note in made.notes)
        assert sum(map(bool, tables.values())) >= len(tables) - 2  # exchanges go with their row of the log

    def test_odd_letters_become_ordinary_ones(self, built):
        """Bytes that are no text, and halves of letters in JSON: they could not be shown."""
        script = """UPDATE links SET web_url = CAST(x'61ff62' AS TEXT), owed = '["\\ud800"]';"""
        (row,) = built(script)[1]["links"]
        assert "a\ufffdb" in row
        assert '["?"]' in row

    @given(st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=30))
    @settings(max_examples=40)
    def test_any_damage(self, damaged, changes):
        """Bytes changed anywhere: built as far as it goes, never an error, never endless."""
        content = bytearray(damaged[0])
        for place, byte in changes:
            content[place % len(content)] = byte
        folder = Path(tempfile.mkdtemp(dir=damaged[1]))
        made = rebuild(bytes(content), folder, "sandbox", FrozenClock())
        made.store.queue_status()
        made.store.close()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    return database(folder / "source", ROWS), folder


class TestVersions:
    def test_an_older_database(self, built):
        """It lacks tables and columns: what is there is shown, and what there has to be is neutral."""
        script = """
            UPDATE alembic_version SET version_num = '0003';
            DROP TABLE orders; DROP TABLE stock;
            ALTER TABLE shipments DROP COLUMN message;
            ALTER TABLE links DROP COLUMN owed;
        """
        made, tables = built(script)
        assert "[]" in tables["links"][0]
        assert "" in tables["shipments"][0]
        assert made.notes[0].startswith(f"The bundle's database is of version 0003, this plugin's is {HEAD}: ")
        assert len(made.notes) == 3

    def test_a_newer_database(self, built):
        """It has tables and columns that nobody here knows."""
        script = """
            UPDATE alembic_version SET version_num = '0999';
            ALTER TABLE links ADD COLUMN aura TEXT NOT NULL DEFAULT 'blue';
            CREATE TABLE auras (id INTEGER);
        """
        made, tables = built(script)
        assert [len(rows) for rows in tables.values()] == [1] * len(metadata.tables)
        assert [("0999" in note) for note in made.notes] == [True]

    @pytest.mark.parametrize("version", ["NULL", "'<script>'", "x'00'"])
    def test_a_version_that_is_none(self, built, version):
        """It is not repeated."""
        made, _ = built(f"DROP TABLE alembic_version; CREATE TABLE alembic_version AS SELECT {version} AS version_num;")
        assert "of no known version" in made.notes[0]
