"""Who can change what the index answers, or stands in between: the attacks that The Update Framework names.

Extraneous dependencies are in test_offer.py and test_install.py too: what a release needs is named before it comes.
"""

import hashlib
import time
from contextlib import suppress
from pathlib import Path

import pytest

from reverb_plugin.clock import Clock
from reverb_plugin.errors import IndexRefusedError, IndexUnreachableError, ReleaseRefusedError
from reverb_plugin.update.fetch import Fetcher, Limits
from reverb_plugin.update.notice import STALE_AFTER
from tests.update.looking import Looker
from tests.update.wheels import make_wheel

WHEEL = "reverb_plugin-0.2.0-py3-none-any.whl"
FULL = Path("/dev/full")


def headers(handler, kind="application/vnd.pypi.simple.v1+json", **more):
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    for name, value in more.items():
        handler.send_header(name, value)
    handler.end_headers()


def flood(handler):
    """Sends for ever."""
    headers(handler)
    with suppress(OSError):
        while True:
            handler.wfile.write(b" " * 65_536)


def drip(handler):
    """Sends a byte now and then, often enough for the socket's timeout."""
    headers(handler, **{"Content-Length": "1000000"})
    with suppress(OSError):
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)


def found_file(url):
    """The newest file that the index lists."""
    return max(Fetcher(Clock()).get_page(url).files, key=lambda file: file.version)


def test_arbitrary_package(looker, publish, index_server):
    """A file with other content than the index's hash says is not looked into, and not offered."""
    publish("0.2.0")
    evil = make_wheel(looker.folder.parent, "0.2.0", files={"reverb_plugin/cli/__init__.py": "evil()"}).read_bytes()
    index_server.change(WHEEL, content=evil, size=len(evil))
    assert looker.reasons() == {"0.2.0": f"{WHEEL} is not the file whose SHA-256 the index gives"}


def test_arbitrary_package_without_a_hash(looker, publish, index_server):
    """A file for which the index gives no hash is never fetched."""
    publish("0.2.0", said={"sha256": ""})
    assert looker.reasons() == {"0.2.0": "the index gives no SHA-256 for its file"}
    assert index_server.requests == ["/simple/reverb-plugin/"]


def test_a_file_with_a_flaw(index, tmp_path):
    """A file that must not be used is not fetched, whoever asks for it."""
    index.change(WHEEL, sha256="")
    file = found_file(index.url)
    index.requests.clear()
    with pytest.raises(ReleaseRefusedError, match="no SHA-256"):
        Fetcher(Clock()).save_file(file, tmp_path / "file")
    assert index.requests == []


def test_arbitrary_package_over_an_open_line(looker, publish):
    """A file that would come from another host without encryption is never fetched."""
    publish("0.2.0", said={"url": f"http://files.example.com/{WHEEL}"})
    assert looker.reasons() == {"0.2.0": "its file would not come over https"}


@pytest.mark.parametrize("size", [None, 10_000_000])
def test_endless_data_of_a_file(looker, publish, index_server, size):
    """A file is read up to the size that the index gives, or up to a limit when it gives none."""
    publish("0.2.0", said={"size": size})
    index_server.fault, index_server.fault_at = flood, ".whl"
    looker = Looker(looker.folder, looker.url, limits=Limits(file_bytes=1_000_000))
    assert looker.reasons() == {"0.2.0": f"{WHEEL} is larger than 1,000,000 bytes"}


def test_endless_data_of_a_page(looker, index_server):
    """The page is read up to a limit."""
    index_server.fault = flood
    looker = Looker(looker.folder, looker.url, limits=Limits(page_bytes=1_000_000))
    with pytest.raises(IndexRefusedError, match="larger than 1,000,000 bytes"):
        looker.updates.look()


def test_a_packed_page(looker, index_server):
    """What comes compressed is not unpacked: a few bytes could become very many."""
    index_server.fault = lambda handler: headers(handler, **{"Content-Encoding": "gzip, gzip"})
    with pytest.raises(IndexRefusedError, match="comes packed as 'gzip, gzip'"):
        looker.updates.look()


def test_slow_retrieval_of_a_page(looker, index_server):
    """A page that drips ends at its deadline, though each byte comes in time."""
    index_server.fault = drip
    looker = Looker(looker.folder, looker.url, limits=Limits(page_seconds=0.3))
    with pytest.raises(IndexUnreachableError, match=r"longer than 0\.3 seconds"):
        looker.updates.look()


def test_slow_retrieval_of_a_file(index, tmp_path):
    """A file that drips ends at its deadline."""
    file = found_file(index.url)
    index.fault, index.fault_at = drip, ".whl"
    with pytest.raises(IndexUnreachableError, match=r"longer than 0\.3 seconds"):
        Fetcher(Clock(), Limits(file_seconds=0.3)).save_file(file, tmp_path / "file")


def test_rollback_to_an_older_release(looker, publish):
    """What is not newer than what runs is never offered: not older, not the same under another hash."""
    looker.run(version=looker.here.version.__class__("0.3.0"))
    for version in ("0.1.0", "0.2.0", "0.3.0"):
        publish(version)
    assert looker.offered() is None
    assert looker.reasons() == {}


def test_rollback_of_the_index(looker, publish, index_server):
    """An index that no longer lists what it listed is not believed, and it is said since when."""
    publish("0.2.0")
    publish("0.3.0")
    assert looker.offered() == "0.3.0"
    index_server.remove("reverb_plugin-0.3.0-py3-none-any.whl")
    looker.pass_days(1)
    with pytest.raises(IndexRefusedError, match=r"listed version 0\.3\.0 on 2026-01-01 and does not any more"):
        looker.updates.look()
    status = looker.updates.status()
    assert status.notice.version == "0.3.0"
    assert "listed version 0.3.0" in status.failure


def test_fast_forward(looker, publish, index_server):
    """A made-up high version holds up real ones for two weeks at most, and says why."""
    publish("0.2.0")
    publish("9999.0")
    index_server.change("reverb_plugin-9999.0-py3-none-any.whl", content=b"nothing", size=7)
    assert looker.offered() == "0.2.0"
    index_server.remove("reverb_plugin-9999.0-py3-none-any.whl")
    publish("0.2.1")
    looker.pass_days(13)
    with pytest.raises(IndexRefusedError, match=r"9999\.0"):
        looker.updates.look()
    looker.pass_days(1)
    assert looker.offered() == "0.2.1"


def test_freeze(looker, publish, index_server):
    """When no look has succeeded for two weeks it is said, with why; and no more once one does."""
    publish("0.2.0")
    looker.updates.look()
    index_server.status = 503
    for _ in range(STALE_AFTER.days):
        looker.pass_days(1.05)
        looker.tend()
    words = looker.updates.status().stale_words
    assert words.startswith("Newer versions could not be looked for in 15 days. The last time: http://127.0.0.1")
    assert words.endswith("answers 503")
    index_server.status = 200
    looker.updates.look()
    assert looker.updates.status().stale_words == ""


def test_freeze_from_the_beginning(looker, index_server):
    """An index that never answered is said as well."""
    index_server.status = 503
    looker.tend()
    assert looker.updates.status().stale_words == ""
    looker.pass_days(STALE_AFTER.days + 0.1)
    assert looker.updates.status().stale_words == "Newer versions could not be looked for in 14 days."


def test_mix_and_match(looker, publish, index_server):
    """The file of one release under the name of another is refused, with the right hash, too."""
    old = make_wheel(looker.folder.parent, "0.1.5").read_bytes()
    publish("0.2.0", said={"content": old, "sha256": hashlib.sha256(old).hexdigest(), "size": len(old)})
    assert "reverb_plugin-0.1.5.dist-info" in looker.reasons()["0.2.0"]


def test_mix_and_match_of_metadata(looker, publish):
    """A wheel whose metadata tells another version than its name is refused."""
    publish("0.2.0", metadata_version="0.1.0")
    assert looker.reasons() == {"0.2.0": f"{WHEEL} holds reverb-plugin 0.1.0"}


def test_wrong_package_on_the_page(looker, index_server, tmp_path):
    """A file of another project on our page is refused without being fetched."""
    index_server.add(make_wheel(tmp_path, "9.0", name="requests"))
    with pytest.raises(IndexRefusedError, match="lists no release of the plugin"):
        looker.updates.look()
    assert index_server.requests == ["/simple/reverb-plugin/"]


def test_wrong_package_under_our_name(looker, publish):
    """Another project's wheel that was renamed to ours is refused."""
    publish("0.2.0", name="requests", filename=WHEEL)
    assert "does not belong to the plugin" in looker.reasons()["0.2.0"]


def test_wrong_package_page(looker, publish, index_server):
    """A page about another project is refused."""
    publish("0.2.0")
    index_server.name = "reverb-plug1n"
    with pytest.raises(IndexRefusedError, match="about reverb-plug1n"):
        looker.updates.look()


def test_extraneous_dependencies(looker, publish):
    """What a release needs and is not there is named; from elsewhere than the index nothing is taken."""
    publish("0.2.0", requires=["requests>=2", "evil-helper>=1; python_version > '3'", "other; extra == 'dev'"])
    publish("0.3.0", requires=["evil-helper @ https://evil.example.com/evil.whl"])
    choice = looker.updates.look()
    assert choice.offer.version == "0.2.0"
    assert choice.offer.adds == ("evil-helper>=1",)
    assert "It needs what is not installed yet: evil-helper>=1." in looker.updates.status().notice.words
    assert choice.passed_over[0].reason == "it wants evil-helper from an address outside the package index"


def test_a_redirect_to_another_index(looker, publish, index_server):
    """The page comes from the configured index and no other."""
    publish("0.2.0")

    def lead_away(handler):
        handler.reply(302, "text/plain", b"", Location="http://localhost:1/simple/reverb-plugin/")

    index_server.fault = lead_away
    with pytest.raises(IndexRefusedError, match="where nothing may come from"):
        looker.updates.look()


def test_redirects_without_end(looker, index_server):
    """An index that leads from one address to the next is left alone."""
    index_server.fault = lambda handler: handler.reply(302, "text/plain", b"", Location=handler.path)
    with pytest.raises(IndexRefusedError, match="from one address to the next"):
        looker.updates.look()
    assert len(index_server.requests) == 4


@pytest.mark.parametrize(("said", "words"), [({}, "the index says"), ({"size": None}, "SHA-256")])
def test_a_truncated_file(index, tmp_path, said, words):
    """A file that ends too early is refused, whether its size is known or only its hash."""
    content = index.files["reverb-plugin"][WHEEL].content[:-100]
    index.change(WHEEL, content=content, **said)
    with pytest.raises(ReleaseRefusedError, match=words):
        Fetcher(Clock()).save_file(found_file(index.url), tmp_path / "file")


def test_an_altered_file(index, tmp_path):
    """One bit is enough for a file to be refused."""
    content = bytearray(index.files["reverb-plugin"][WHEEL].content)
    content[1000] ^= 1
    index.change(WHEEL, content=bytes(content))
    with pytest.raises(ReleaseRefusedError, match="SHA-256"):
        Fetcher(Clock()).save_file(found_file(index.url), tmp_path / "file")


def test_a_file_that_is_what_it_should_be(index, releases, tmp_path):
    """The same bytes as were published, in memory and on the disk."""
    file = found_file(index.url)
    Fetcher(Clock()).save_file(file, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == Fetcher(Clock()).get_file(file) == releases["0.2.0"].read_bytes()


def test_a_full_disk_is_not_the_index(index):
    """Trouble with our own disk while a file comes is not taken for trouble with the index."""
    with pytest.raises(OSError, match="No space left"):
        Fetcher(Clock()).save_file(found_file(index.url), FULL)
