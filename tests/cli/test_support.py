"""`reverb-plugin bundle open`, `diff` and `replay`, as support types them."""

import http.client
import json
import re
import signal
from urllib.parse import urlsplit

import pytest

from tests.support.databases import columns_of, database, rows_of_each_table
from tests.support.forge import bundle, zipped

TROUBLE = "price: is not a number (got 'dear')"


def ask(link, path=None, method="GET", **headers):
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request(
        method, path or parts.path, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


@pytest.fixture
def file(tmp_path):
    """A bundle of a shop in trouble: the price of a product is no number, so it was not even looked up on Reverb."""
    refused = rows_of_each_table("STRAT")["sync_log"]
    names = [column.name for column in columns_of("sync_log")]
    told = {
        "kind": "push_product",
        "reason": "product saved",
        "outcome": "refused",
        "code": "invalid-value",
        "http_status": None,
        "requests": 0,
        "message": TROUBLE,
        "errors": "[]",
    }
    rows = {"sync_log": [*(dict(zip(names, refused, strict=True)) | told).values()]}
    error = {"type": "InvalidValueError", "field": "price", "value": "'dear'", "problem": "is not a number"}
    record = json.dumps({"sku": "STRAT", "error": error}).encode()
    return bundle(
        tmp_path / "shop.zip",
        {"database.sqlite3": database(tmp_path / "made", rows), "products.jsonl": record},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_open_shows_the_pages_until_a_signal(terminal, file, number):
    """Whose it is, a link for one browser, read-only pages; nothing stays behind."""
    (terminal.folder / "tmp").mkdir()
    terminal.variables["TMPDIR"] = str(terminal.folder / "tmp")
    with terminal.started("bundle", "open", str(file), "--no-browser") as process:
        told = ""
        while "/enter/" not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told += line
        link = re.search(r"http://127\.0\.0\.1:\d+/enter/\S+", told)[0]
        assert "A bundle of Guitars & Sons, made by version 0.1.0" in told
        assert ask(link, "/")[0] == 403
        cookie = ask(link)[1]["Set-Cookie"].partition(";")[0]
        status, _, page = ask(link, "/log", Cookie=cookie)
        assert (status, "Read-only." in page, "is not a number" in page) == (200, True, True)
        assert ask(link, "/log/1/retry", "POST", Cookie=cookie, Sec_Fetch_Site="same-origin")[0] == 403
        process.send_signal(number)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    assert list((terminal.folder / "tmp").iterdir()) == []
    assert not terminal.data.exists()


@pytest.mark.parametrize("words", [["open", "--no-browser"], ["diff", "x.zip"], ["replay", "--sku", "A"]])
def test_what_is_no_bundle_is_told_in_a_line(invoke, tmp_path, words):
    """With what to do next; and signs that would steer the terminal are taken out of names."""
    path = tmp_path / "evil\x1b[31m.zip"
    path.write_bytes(zipped({"readme.txt": b"hello"}))
    bundle(tmp_path / "x.zip")
    name, *rest = words
    result = invoke("bundle", name, str(path), *(str(tmp_path / "x.zip") if word == "x.zip" else word for word in rest))
    assert result.exit_code == 1
    assert "is no bundle of this plugin" in result.stderr
    assert "send it again" in result.stderr
    assert "\x1b" not in result.output


def test_diff_tells_in_words(invoke, tmp_path, file):
    """A title for each kind of change, and lines."""
    before = bundle(tmp_path / "before.zip", plugin="0.0.9", created_at="2026-01-01T11:00:00Z")
    result = invoke("bundle", "diff", str(before), str(file))
    assert result.exit_code == 0
    assert "The second bundle was made 60 min after the first." in result.stdout
    assert "  The plugin's version was 0.0.9, is 0.1.0" in result.stdout
    assert f"  STRAT fails now (invalid-value): {TROUBLE}" in result.stdout


def test_diff_of_texts_that_steer_a_terminal(invoke, tmp_path):
    """They are taken out of whatever a bundle says."""
    evil = "\x1b]0;owned\x07[bold red]x"
    result = invoke("bundle", "diff", str(bundle(tmp_path / "a.zip")), str(bundle(tmp_path / "b.zip", shop=evil)))
    assert "owned" in result.stdout
    assert "\x1b" not in result.output


def test_replay_tells_whether_it_comes_again(invoke, file):
    """Both outcomes side by side, and the verdict."""
    result = invoke("bundle", "replay", str(file), "--sku", "STRAT")
    assert result.exit_code == 0
    assert result.stdout.count(TROUBLE) == 2
    assert result.stdout.endswith("The failure comes again.\n")


def test_replay_as_json(invoke, file):
    """For a script that reads."""
    told = json.loads(invoke("bundle", "replay", str(file), "--sku", "STRAT", "--json").stdout)
    assert told["comes_again"] is True
    assert told["recorded"]["message"] == told["replayed"]["message"] == TROUBLE


def test_replay_of_a_sku_without_a_failure(invoke, file):
    """A line that says so, and what would help."""
    result = invoke("bundle", "replay", str(file), "--sku", "OTHER")
    assert (result.exit_code, "no failure of OTHER" in result.stderr) == (1, True)
