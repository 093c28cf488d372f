"""``reverb-plugin bundle``: making one from the command line."""

import json
import zipfile

import pytest

from reverb_plugin.diagnostics.making import ABOUT


def test_it_makes_a_bundle_where_it_is_told_to(invoke, tmp_path):
    """`bundle FILE` and `bundle export FILE` are the same; it says how large it is and what was taken out."""
    for words in (["bundle"], ["bundle", "export"]):
        path = tmp_path / f"{len(words)}.zip"
        result = invoke(*words, str(path))
        assert result.exit_code == 0, result.output
        assert f"{path}: " in result.stdout
        assert "Taken out" in result.stdout
        assert set(zipfile.ZipFile(path).namelist()) >= {"report.html", "manifest.json"}


def test_without_a_path_it_goes_into_the_current_folder(invoke, tmp_path, monkeypatch):
    """Under a name that tells when it was made."""
    monkeypatch.chdir(tmp_path)
    assert invoke("bundle").exit_code == 0
    (path,) = tmp_path.glob("*.zip")
    assert path.name.startswith("reverb-plugin-2")


def test_the_preview_lists_the_parts_and_makes_nothing(invoke, tmp_path, monkeypatch):
    """With how many rows there are, where there are some; also as JSON."""
    monkeypatch.chdir(tmp_path)
    shown = invoke("bundle", "--preview").stdout
    parts = json.loads(invoke("bundle", "--preview", "--json").stdout)["parts"]
    assert all(name in shown for name in ABOUT)
    assert [part["name"] for part in parts] == list(ABOUT)
    assert next(part["rows"] for part in parts if part["name"] == "log.jsonl") == 0
    assert not list(tmp_path.glob("*.zip"))


def test_it_is_told_as_json(invoke, tmp_path):
    """For a script: the parts, with what is missing and why."""
    told = json.loads(
        invoke("bundle", "export", "--json", "--sku", "A-1", "--since", "2026-01-01", str(tmp_path / "x.zip")).stdout
    )
    assert told["size"] == (tmp_path / "x.zip").stat().st_size
    parts = {part["name"]: part for part in told["parts"]}
    assert parts["host.json"]["note"] == "not there: no shop was named"
    manifest = json.loads(zipfile.ZipFile(tmp_path / "x.zip").read("manifest.json"))
    assert (manifest["sku"], manifest["since"][:4]) == ("A-1", "2026"[:4]) or manifest["since"].startswith("2025-12-31")


def test_nothing_has_been_recorded(invoke, tmp_path, monkeypatch):
    """Without a database there is a bundle all the same, it says what is missing, and none is made."""
    monkeypatch.setenv("REVERB_DATA_DIR", str(tmp_path / "elsewhere"))
    result = invoke("bundle", str(tmp_path / "x.zip"))
    assert result.exit_code == 0
    assert "database.sqlite3: There is no database" in result.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_shop_that_cannot_be_loaded_is_told(invoke, tmp_path):
    """The bundle is made without it."""
    path = tmp_path / "x.zip"
    assert invoke("bundle", "--host", "nowhere:shop", str(path)).exit_code == 0
    assert "nowhere" in zipfile.ZipFile(path).read("checks.json").decode()


@pytest.mark.parametrize("path", ["nowhere/x.zip", "."])
def test_a_path_that_cannot_be_written_is_an_error(invoke, tmp_path, monkeypatch, path):
    """In one line, without a traceback."""
    monkeypatch.chdir(tmp_path)
    result = invoke("bundle", path)
    assert result.exit_code in {1, 2}
    assert "Traceback" not in result.output
