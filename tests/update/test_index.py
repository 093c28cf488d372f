"""A project's page of a package index: both forms say the same, and what is no such page is refused."""

import json

import pytest
from packaging.version import Version

from reverb_plugin.errors import IndexRefusedError
from reverb_plugin.update.index import HTML_TYPES, JSON_TYPE, is_as_safe, parse_page

URL = "https://pypi.org/simple/reverb-plugin/"
SHA = "0f" * 32
WHEEL = "reverb_plugin-0.2.0-py3-none-any.whl"


def page(*files, name="reverb-plugin", version="1.1"):
    entries = [{"filename": WHEEL, "url": f"/f/{WHEEL}", "hashes": {"sha256": SHA}} | file for file in files]
    return json.dumps({"meta": {"api-version": version}, "name": name, "files": entries}).encode()


def read(*files, **options):
    return parse_page(page(*files, **options), JSON_TYPE, URL).files


def read_html(anchor, kind="text/html; charset=utf-8"):
    return parse_page(f"<!doctype html><html><body>{anchor}</body></html>".encode(), kind, URL).files


def test_all_that_json_tells():
    """PEP 691 and 700: name, hash, size, Python, and why it was withdrawn."""
    (file,) = read(
        {
            "requires-python": ">=3.11",
            "size": 5,
            "yanked": "it forgets photos",
        }
    )
    assert (file.filename, file.sha256, file.size) == (WHEEL, SHA, 5)
    assert file.url == f"https://pypi.org/f/{WHEEL}"
    assert file.version == Version("0.2.0")
    assert {str(tag) for tag in file.tags} == {"py3-none-any"}
    assert file.requires_python == ">=3.11"
    assert file.yanked == "it forgets photos"
    assert file.flaw == ""


@pytest.mark.parametrize("kind", [*sorted(HTML_TYPES), "Text/HTML"])
def test_what_html_tells(kind):
    """PEP 503 and 592: an index without JSON tells the same, but the size."""
    anchor = f'<a href="../../f/{WHEEL}#sha256={SHA}" data-requires-python="&gt;=3.11" data-yanked="">any words</a>'
    (file,) = read_html(anchor, kind)
    assert (file.filename, file.sha256, file.size) == (WHEEL, SHA, None)
    assert file.url == f"https://pypi.org/f/{WHEEL}"
    assert file.requires_python == ">=3.11"
    assert file.yanked == ""


def test_a_page_with_a_base():
    """HTML lets a page say where its links begin."""
    (file,) = read_html(f'<base href="/mirror/"><a href="f/{WHEEL}#sha256={SHA}">any words</a>')
    assert file.url == f"https://pypi.org/mirror/f/{WHEEL}"


@pytest.mark.parametrize(("said", "yanked"), [(False, None), (None, None), ("", None), (True, ""), ("why", "why")])
def test_withdrawn(said, yanked):
    """PEP 592: true or a reason means that it was withdrawn."""
    assert read({"yanked": said})[0].yanked == yanked


def test_a_source_distribution_has_no_tags():
    """It would have to be built, and building runs its code."""
    assert read({"filename": "reverb_plugin-0.2.0.tar.gz"})[0].tags is None


@pytest.mark.parametrize(
    "filename",
    ["reverb_plugin-latest.whl", "reverb_plugin.exe", "requests-9-py3-none-any.whl", "reverb_plugins-9.tar.gz", ""],
)
def test_files_of_nobody(filename):
    """A name that tells no release of ours is left out."""
    assert [file.filename for file in read({"filename": filename}, {})] == [WHEEL]


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ({"hashes": {}}, "no SHA-256"),
        ({"hashes": {"md5": "0f"}}, "no SHA-256"),
        ({"hashes": {"sha256": "0f"}}, "no SHA-256"),
        ({"hashes": {"sha256": "zz" * 32}}, "no SHA-256"),
        ({"hashes": {"sha256": 7}}, "no SHA-256"),
        ({"url": "http://files.example.com/x"}, "not come over https"),
        ({"url": "ftp://pypi.org/x"}, "not come over https"),
        ({"url": "file:///etc/passwd"}, "not come over https"),
    ],
)
def test_flaws(said, flaw):
    """A file without a usable hash, or from a place without encryption, cannot be used."""
    assert flaw in read(said)[0].flaw


def test_from_another_host():
    """A file may lie elsewhere, as PyPI's do: its hash is known."""
    assert read({"url": "https://files.pythonhosted.org/x"})[0].flaw == ""


def test_an_index_without_encryption_on_this_machine():
    """What an index on this machine serves itself may be fetched; from the rest only over https."""
    assert is_as_safe("http://127.0.0.1:1/f", "http://127.0.0.1:1/simple/")
    assert not is_as_safe("http://127.0.0.1:2/f", "http://127.0.0.1:1/simple/")
    assert is_as_safe("https://example.com/f", "http://127.0.0.1:1/simple/")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (page({}), "application/json"),
        (page({}), ""),
        (page({}, version="2.0"), JSON_TYPE),
        (page({}, name="reverb"), JSON_TYPE),
        (page(), JSON_TYPE),
        (page({"url": "https://[x"}), JSON_TYPE),
        (b"", JSON_TYPE),
        (b"{}", JSON_TYPE),
        (b"[]", JSON_TYPE),
        (b"7", JSON_TYPE),
        (b"[" * 100_000, JSON_TYPE),
        (b'{"meta": {"api-version": 1}, "name": "reverb-plugin", "files": []}', JSON_TYPE),
        (b'{"meta": {"api-version": "1.0"}, "name": "reverb-plugin", "files": [[]]}', JSON_TYPE),
        (b"\xff\xfe", JSON_TYPE),
        (b"<html>Sign in to the hotel's network</html>", "text/html"),
        (b'<meta name="pypi:repository-version" content="2.0">', "text/html"),
    ],
)
def test_what_is_no_page_of_an_index(content, kind):
    """The sign-in page of a network, another version, another project: refused with words, never a traceback."""
    with pytest.raises(IndexRefusedError, match="reverb-plugin/"):
        parse_page(content, kind, URL)
