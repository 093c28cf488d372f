"""Reading a bundle: what is none is refused with a sentence, and nothing in one does any harm."""

import io
import json
import os
import stat
import struct
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.errors import UnreadableBundleError
from reverb_plugin.support import reading
from reverb_plugin.support.reading import BundleFile, read_json
from tests.support.forge import MANIFEST, bundle, zipped


def read_all(path):
    with BundleFile(path) as opened:
        for name in opened.names:
            opened.find_bytes(name)


def refused(path, match=None):
    with pytest.raises(UnreadableBundleError, match=match):
        read_all(path)


def written(tmp_path, content):
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    return path


def test_a_bundle_says_what_it_is(tmp_path):
    """The manifest, and parts by their names."""
    path = bundle(tmp_path / "a.zip", {"checks.json": [1], "log.jsonl": b'{"a": 1}\nnonsense\n\n[2]\n{"b": 2}'})
    with BundleFile(path) as opened:
        assert opened.manifest.created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
        assert opened.manifest.shop == "Guitars & Sons"
        assert opened.find_json("checks.json") == [1]
        assert list(opened.iter_lines("log.jsonl")) == [{"a": 1}, {"b": 2}]
        assert opened.find_json("missing.json") is None
        assert list(opened.iter_lines("missing.jsonl")) == []


def test_a_manifest_may_say_anything(tmp_path):
    """Whatever is no text, or no moment, counts as not said."""
    odd = {"created_at": "9999-12-31T23:59:59-12:00", "shop": ["x"], "plugin": "v" * 9000, "entries": [3, {"error": 1}]}
    with BundleFile(bundle(tmp_path / "a.zip", **odd)) as opened:
        assert (opened.manifest.created_at, opened.manifest.shop) == (None, "")
        assert len(opened.manifest.plugin) == reading.MOST_LETTERS


class TestNoBundle:
    @pytest.mark.parametrize("content", [b"", b"PK", b"x" * 5000, b"PK\x05\x06" + bytes(17)])
    def test_what_is_no_zip(self, tmp_path, content):
        """Any other file."""
        refused(written(tmp_path, content), "is no bundle")

    def test_a_zip_of_something_else(self, tmp_path):
        """It has no manifest."""
        refused(written(tmp_path, zipped({"readme.txt": b"hello"})), "no manifest.json")

    @pytest.mark.parametrize("manifest", [[], 5, {"format": "1"}, {}])
    def test_a_manifest_that_is_none(self, tmp_path, manifest):
        """It does not name a format."""
        refused(written(tmp_path, zipped({"manifest.json": manifest})), "no manifest.json")

    def test_a_newer_format(self, tmp_path):
        """It is named, so that support knows to update."""
        refused(bundle(tmp_path / "a.zip", format=2), "newer version")

    def test_a_missing_file_or_a_folder(self, tmp_path):
        """A sentence, not a traceback."""
        refused(tmp_path / "missing.zip", "cannot be read")
        refused(tmp_path, "is no file")

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        """A named pipe that nobody writes to."""
        os.mkfifo(tmp_path / "pipe.zip")
        refused(tmp_path / "pipe.zip", "is no file")

    def test_each_cut_of_a_bundle(self, tmp_path):
        """A download that broke off, wherever: refused, or read as it is."""
        whole = zipped({"manifest.json": MANIFEST, "checks.json": [1] * 200})
        for length in range(0, len(whole), 7):
            refused(written(tmp_path, whole[:length]))

    @given(st.data())
    def test_any_damage(self, tmp_path_factory, data):
        """Bytes changed anywhere: a bundle or a refusal, never another error."""
        content = bytearray(zipped({"manifest.json": MANIFEST, "checks.json": [1] * 50}))
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path = written(tmp_path_factory.getbasetemp(), bytes(content))
        with suppress(UnreadableBundleError):
            read_all(path)


class TestHostile:
    def test_names_that_lead_elsewhere_lead_nowhere(self, tmp_path):
        """Zip slip: nothing is ever written under a name of the bundle."""
        folder = tmp_path / "in" / "here"
        folder.mkdir(parents=True)
        names = ["../../evil", "/evil", "C:\\evil", "..\\evil", "manifest.json/../../evil", "\x1b[31mevil"]
        with BundleFile(bundle(folder / "a.zip", dict.fromkeys(names, b"evil"))) as opened:
            for name in opened.names:
                opened.find_bytes(name)
        assert [each.name for each in tmp_path.rglob("*")] == ["in", "here", "a.zip"]

    def test_a_link_is_a_few_bytes(self, tmp_path):
        """A symbolic link in the zip is not followed: its text is read."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as made:
            made.writestr("manifest.json", json.dumps(MANIFEST))
            link = zipfile.ZipInfo("checks.json")
            link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            made.writestr(link, "/etc/passwd")
        with BundleFile(written(tmp_path, content.getvalue())) as opened:
            assert opened.find_bytes("checks.json") == b"/etc/passwd"

    def test_a_bomb_is_refused_when_it_has_grown_too_large(self, tmp_path, monkeypatch):
        """A part that unpacks to more than it may."""
        monkeypatch.setattr(reading, "MOST_PART_BYTES", 1_000_000)
        path = bundle(tmp_path / "a.zip", {"log.jsonl": bytes(1_000_001)})
        assert path.stat().st_size < 10_000
        with BundleFile(path) as opened, pytest.raises(UnreadableBundleError, match="larger than any part"):
            opened.find_bytes("log.jsonl", 1_000_000)

    def test_many_small_bombs(self, tmp_path, monkeypatch):
        """All parts together are bounded, too."""
        monkeypatch.setattr(reading, "MOST_BYTES", 1_000_000)
        parts = {f"part-{number}": bytes(300_000) for number in range(5)}
        refused(bundle(tmp_path / "a.zip", parts), "larger than any part")

    def test_too_many_parts(self, tmp_path):
        """Their directory is not even read."""
        parts = {f"{number}": b"" for number in range(reading.MOST_PARTS + 1)}
        refused(bundle(tmp_path / "a.zip", parts), "has 202 parts")

    def test_a_directory_that_lies_about_its_length(self, tmp_path):
        """It names few entries, and holds a million: bounded by its bytes."""
        entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[20, 3, 20, 0], *[0] * 4, 0, 0, 0, 1, *[0] * 4, 0, 0)
        directory = (entry + b"a") * 5000
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)
        refused(written(tmp_path, directory + end), "is no bundle")

    def test_a_second_end(self, tmp_path):
        """One that zipfile would believe in place of the bounded one: for huge files, or in a comment."""
        whole = zipped({"manifest.json": MANIFEST})
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
        refused(written(tmp_path, whole[:-22] + locator + whole[-22:]), "does not end")
        refused(written(tmp_path, whole[:-2] + struct.pack("<H", 30) + b"x" * 30), "is no bundle")

    def test_two_parts_of_one_name(self, tmp_path):
        """One could be shown and the other one meant."""
        with pytest.warns(UserWarning, match="Duplicate name"):
            content = zipped([("manifest.json", MANIFEST), ("manifest.json", MANIFEST)])
        refused(written(tmp_path, content), "two parts of one name")

    def test_other_ways_of_packing(self, tmp_path):
        """Those that take much memory to unpack."""
        refused(written(tmp_path, zipped({"manifest.json": MANIFEST}, zipfile.ZIP_LZMA)), "packed in another way")

    def test_an_endless_line(self, tmp_path, monkeypatch):
        """Lines that are too long are left out, and so is what comes behind too many."""
        monkeypatch.setattr(reading, "MOST_LINE_BYTES", 20)
        monkeypatch.setattr(reading, "MOST_LINES", 3)
        lines = [json.dumps({"a": "x" * 100}), '{"a": 1}', '{"a": 2}', '{"a": 3}']
        with BundleFile(bundle(tmp_path / "a.zip", {"log.jsonl": "\n".join(lines).encode()})) as opened:
            assert list(opened.iter_lines("log.jsonl")) == [{"a": 1}, {"a": 2}]


class TestJson:
    @pytest.mark.parametrize(
        "text",
        ["", "{", "[NaN]", "[Infinity]", "[1e999]", "[" * 100_000, "[" * 70 + "]" * 70, "9" * 5000, b"\xff\xfe\xff"],
    )
    def test_what_is_refused(self, text):
        """What is no JSON, no number, or deeper than any part is."""
        with pytest.raises(ValueError, match=r"."):
            read_json(text)

    def test_halves_of_letters_are_replaced(self):
        """They could neither be shown nor written."""
        assert read_json('{"a\\ud800": ["\\udfff", "\\ud83c\\udfb8"]}') == {"a?": ["?", "🎸"]}
