"""The doctor itself does no harm: it leaves no traces, ends in time, and survives whatever it looks at."""

import hashlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

import reverb_plugin
from reverb_plugin.changes import Reason
from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics import doctor
from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.disk import look_at_folder
from reverb_plugin.diagnostics.doctor import diagnose, find_last, repair
from reverb_plugin.diagnostics.finding import Status, passed, read_report, report_as_json
from reverb_plugin.diagnostics.scene import Scene, scene_of_folder
from reverb_plugin.errors import InvalidValueError, PluginError
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.hosts.csv_shop import CsvShop
from reverb_plugin.reverb_api.way import CertificateTrouble, Step, Way
from reverb_plugin.store.inspection import look_at
from reverb_plugin.store.migrate import upgrade
from reverb_plugin.store.schema import HEAD, outbox
from reverb_plugin.store.schema import sync_log as log_rows
from reverb_plugin.testing import FakeHost
from tests.diagnostics.faults import DAY, closed_port, employ, open_healthy, scene_at
from tests.reverb_api.loopback import LoopbackServer, reply
from tests.sync.market import guitar


@pytest.fixture
def shop(open_market, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    return open_healthy(open_market, monkeypatch, tmp_path)


@pytest.fixture
def look(tmp_path):
    """The scene of a folder, as a command makes it."""
    scenes = []

    def look(folder=tmp_path / "data", url="https://no-such-host.invalid/api", environ=None, **options):
        scene = scene_of_folder(folder, environ or {}, lambda _environment: url, Clock(), **options)
        scenes.append(scene)
        return scene

    yield look
    for scene in scenes:
        scene.untouched_store.close()


def all_files(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def codes(report):
    return {finding.code for finding in report.findings}


def first(scene):
    return diagnose(scene).first_cause


def test_nothing_is_made(look, tmp_path):
    """Without a database, a token, a shop and a network it ends with findings and leaves no file behind."""
    report = diagnose(look())
    assert report.first_cause.code == "no-token"
    assert {"data-folder", "database-missing", "name-resolution"} <= codes(report)
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_stays_older(look, tmp_path):
    """Looking at a database of an older version does not bring it up."""
    folder = tmp_path / "old"
    folder.mkdir(mode=0o700)
    older(folder / "reverb-plugin.sqlite3")
    before = all_files(folder)
    assert first(look(folder, offline=True)).code == "schema-older"
    assert all_files(folder) == before


def test_a_damaged_database_is_not_touched(look, tmp_path):
    """Nor does it write into what is damaged."""
    folder = tmp_path / "damaged"
    folder.mkdir(mode=0o700)
    (folder / "reverb-plugin.sqlite3").write_bytes(b"no database" * 999)
    before = all_files(folder)
    assert first(look(folder, offline=True)).code == "database-damaged"
    assert all_files(folder) == before


def test_a_check_that_breaks(shop, monkeypatch):
    """It is a finding of its own, told once, and the others are made all the same."""
    monkeypatch.setattr(doctor, "swallowed", lambda error: None)

    def break_down(_scene):
        raise ZeroDivisionError("of all things")

    checks = (Check("a", "A", break_down), Check("b", "B", break_down), Check("c", "C", lambda _scene: passed("Fine.")))
    report = diagnose(shop.plugin.scene(), checks)
    assert [(each.code, each.status) for each in report.findings] == [("a", Status.WARN), ("c", Status.PASS)]
    assert "ZeroDivisionError" in report.findings[0].cause
    assert [(each.code, each.why) for each in report.skipped] == [("b", "it broke as 'A' did")]


def test_a_check_that_hangs(shop):
    """It is left behind when its time is over, and what it was finding out is not begun again."""
    gate, asked = threading.Event(), []

    class Stuck(FakeHost):
        def iter_products(self, after_sku=None):
            asked.append(after_sku)
            gate.wait(30)
            return iter(())

    shop.patch.setattr(shop.plugin, "host", Stuck())
    began_at = time.monotonic()
    try:
        report = diagnose(shop.plugin.scene(offline=True), check_seconds=0.5)
        assert time.monotonic() - began_at < 20
    finally:
        gate.set()
    assert report.first_cause.code == "host-contract"
    assert report.first_cause.cause == "The shop's adapter did not answer within 0 s."
    assert len(asked) == 1
    assert "worker-version" in codes(report)


def test_the_time_is_limited_in_all(shop):
    """What there is no time for is left out, and said so."""
    report = diagnose(shop.plugin.scene(), total_seconds=0.0)
    assert report.findings == ()
    assert {each.why for each in report.skipped} == {"the time was over"}


def test_where_no_thread_can_be_started(shop, monkeypatch):
    """The checks are made in the thread that asks."""

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    report = shop.plugin.scene(offline=True)
    assert [each.code for each in diagnose(report).findings if each.status is not Status.PASS] == []


def test_a_report_is_kept(shop):
    """What was found can be read again, by this process and another, also as JSON."""
    report = shop.plugin.diagnose(offline=True)
    assert shop.plugin.findings() == report == read_report(report_as_json(report))
    shop.store.save_cached(doctor.KEPT, {"findings": "of another version"})
    assert find_last(shop.store) is None


def test_the_token_is_never_told(shop):
    """Not even when the shop's code puts it into an error."""
    token = shop.plugin.settings.token.reveal()
    shop.host.fail(RuntimeError(f"the header was Bearer {token}, and {token} again"))
    assert token not in f"{shop.plugin.diagnose()}"


# What a person is told


def test_which_token_counts(shop):
    """One in the environment is told to be there: a new one that is entered would have no effect."""
    shop.door.set(token_revoked=True)
    scene = scene_at(shop, shop.store.path.parent)
    with closing(scene.untouched_store):
        finding = first(scene)
    assert (finding.code, "REVERB_TOKEN" in finding.cause) == ("token-refused", True)
    assert "take the variable away" in finding.next_step


def test_a_simulator_that_does_not_run(shop, look):
    """Nobody is sent to the firewall for an address on this machine."""
    finding = first(look(url=f"http://127.0.0.1:{closed_port()}/api", environ={"REVERB_TOKEN": "x"}))
    assert (finding.code, "REVERB_API_URL" in finding.next_step) == ("no-connection", True)


def test_what_reverb_refused_is_told_by_field(shop):
    """Its message alone says only that something has to be filled in."""
    body = {"message": "Something is missing", "errors": {"categories": ["can't be blank"]}}
    shop.door.add_fault("answer", "PUT", "/listings", status=422, body=body)
    shop.market.change("G-1", price=Decimal(70))
    cause = next(each.cause for each in shop.diagnose().findings if each.code == "parked")
    assert "Something is missing (categories: can't be blank)" in cause


def test_where_a_walk_ended(shop):
    """Of a product that cannot be meant the SKU is not known; that of the one before it is, and those are judged."""

    class Careless(FakeHost):
        def iter_products(self, after_sku=None):
            yield guitar("A-1", condition="Wie neu")
            yield replace(guitar("B-1"), title="")

    shop.patch.setattr(shop.plugin, "host", Careless())
    report = shop.diagnose()
    assert "it comes behind A-1" in report.first_cause.cause
    assert "conditions-unmapped" in {each.code for each in report.of(Status.FAIL)}


def test_a_password_of_photos_is_not_told(shop):
    """Who asks for help sends the findings along."""
    shop.market.put(guitar("N-1", photos=("https://stage:hunter2@shop.example/1.jpg",)))
    report = shop.diagnose()
    assert (report.first_cause.code, "hunter2" in f"{report}") == ("photos-unreachable", False)


def test_a_writer_that_was_stopped(shop, monkeypatch):
    """It is told how to go on: ending it is not the first thing to do."""
    monkeypatch.setattr("reverb_plugin.diagnostics.scene.look_at", partial(look_at, patience_seconds=0.1))
    hold = (
        f"c = __import__('sqlite3').connect({str(shop.store.path)!r}); c.execute('BEGIN IMMEDIATE'); print(flush=True)"
    )
    code = f"{hold}; os = __import__('os'); os.kill(os.getpid(), {signal.SIGSTOP:d})"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    os.waitpid(holder.pid, os.WUNTRACED)
    try:
        finding = shop.diagnose().first_cause
        assert (finding.code, finding.next_step) == ("database-locked", f"Let it go on: kill -CONT {holder.pid}")
    finally:
        holder.kill()
        holder.communicate()


def test_a_disk_that_takes_a_part_of_it(tmp_path):
    """A quota that is nearly used up lets a write begin and not end."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, usual[1]))
    try:
        look = look_at_folder(tmp_path, "reverb-plugin.sqlite3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (look.trouble, list(tmp_path.iterdir())) == ("File too large", [])


def test_a_file_that_may_not_be_looked_at(look, tmp_path, monkeypatch):
    """It is neither called empty nor damaged: what is said then is to remove or restore it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    path = folder / "reverb-plugin.sqlite3"
    path.write_bytes(b"a database of another user" * 99)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    scene = look(folder, offline=True)
    assert {"database-missing", "database-damaged"}.isdisjoint(each.code for each in diagnose(scene).of(Status.FAIL))


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    both.write_text(key.read_text() + cert.read_text())
    return both


@pytest.fixture
def secured(certificate):
    server = LoopbackServer([reply(401, {"message": "no token"})], str(certificate))
    yield server
    server.close()


def test_a_certificate_of_nobody_we_trust(look, secured):
    """A proxy that looks into connections, for example."""
    finding = first(look(url=secured.url, environ={"REVERB_TOKEN": "x"}))
    assert finding.code == "certificate"
    assert "REQUESTS_CA_BUNDLE" in finding.next_step


def test_a_certificate_of_another_name(look, secured, certificate, monkeypatch):
    """A wrong name server, or a login page of the network."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    finding = first(look(url=secured.url.replace("127.0.0.1", "localhost"), environ={"REVERB_TOKEN": "x"}))
    assert (finding.code, "another name" in finding.cause) == ("certificate", True)


def test_authorities_that_cannot_be_read(look, secured, tmp_path, monkeypatch):
    """A bundle that was moved away."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    finding = first(look(url=secured.url, environ={"REVERB_TOKEN": "x"}))
    assert (finding.code, "gone.pem" in finding.cause) == ("certificate", True)


def test_a_certificate_that_is_trusted(look, secured, certificate, monkeypatch):
    """The same authorities count as for every request."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    passed_codes = {each.code for each in diagnose(look(url=secured.url)).of(Status.PASS)}
    assert {"certificate", "no-connection", "captive-portal"} <= passed_codes


def test_a_clock_that_is_years_off(shop, monkeypatch):
    """Then no certificate is valid; the clock is named, unless something was sent by it lately."""
    lost = Way("reverb.com", 443, None, Step.CERTIFICATE, "certificate has expired", CertificateTrouble.TIME)
    monkeypatch.setattr("reverb_plugin.diagnostics.scene.go", lambda _url, _clock: lost)
    assert first(shop.plugin.scene()).code == "certificate"  # by a clock that was right a moment ago
    shop.market.clock.advance(400 * DAY)
    employ(shop.plugin)
    assert first(shop.plugin.scene()).code == "clock-off"


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ([b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"], "proxy"),
        ([b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"], "proxy"),
    ],
)
def test_a_proxy_that_refuses(look, monkeypatch, replies, code):
    """It is named, without the password in its address."""
    server = LoopbackServer(replies)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:hunter2@127.0.0.1:{server.port}")
    try:
        finding = first(look(environ={"REVERB_TOKEN": "x"}))
    finally:
        server.close()
    assert finding.code == code
    assert "hunter2" not in f"{finding}"


# A shop that a command reads from a file


def test_a_product_file(look, tmp_path):
    """Its rows without a SKU, those used twice and those that cannot be read are named."""
    path = tmp_path / "products.csv"
    path.write_text("sku,title,price,quantity\nA-1,One,9.00,1\n,Two,9.00,1\nA-1,Three,9.00,1\nA-4,Four,cheap,1\n")
    report = diagnose(look(host=CsvShop(path), offline=True))
    found = {each.code: each.cause for each in report.findings if each.status is not Status.PASS}
    assert "line 3" in found["products-without-sku"]
    assert "A-1" in found["duplicate-sku-shop"]
    assert "line 5" in found["rows-unreadable"]


# Repairs


def older(path):
    """A database as the version before this one left it."""
    from sqlalchemy import create_engine

    from reverb_plugin.store import migrate

    before = f"{int(HEAD) - 1:04}"
    engine = create_engine(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch, engine.begin() as connection:
        patch.setattr(migrate, "HEAD", before)
        upgrade(connection)
    engine.dispose()
    path.chmod(0o600)


def test_the_folder_is_made(look, tmp_path):
    """For its owner alone."""
    repair(look(), "data-folder")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_an_older_database_is_brought_up(look, tmp_path):
    """When it is asked for."""
    folder = tmp_path / "old"
    folder.mkdir(mode=0o700)
    older(folder / "reverb-plugin.sqlite3")
    assert HEAD in repair(look(folder, offline=True), "schema-older")
    assert first(look(folder, offline=True)).code == "no-token"


def test_rights_are_put_right(shop):
    """Owner alone, who can read and write."""
    shop.store.path.chmod(0o444)
    shop.store.path.parent.chmod(0o755)
    assert "database-mode" in {each.code for each in shop.plugin.diagnose(offline=True).of(Status.FAIL)}
    shop.plugin.repair("database-mode")
    assert shop.plugin.diagnose(offline=True).of(Status.FAIL) == ()
    assert shop.store.path.stat().st_mode & 0o777 == 0o600


def test_a_folder_without_a_database_keeps_its_rights(look, tmp_path):
    """A mistyped one may be everybody's, such as /tmp: nothing is said of its rights, and nothing done."""
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o777)
    scene = look(folder, offline=True)
    assert "database-mode" in {each.code for each in diagnose(scene).of(Status.PASS)}
    with pytest.raises(InvalidValueError, match="no database"):
        repair(scene, "database-mode")
    assert folder.stat().st_mode & 0o777 == 0o777


def test_damaged_indexes_are_made_anew(shop):
    """Without touching the tables; more than that is not repaired."""
    shop.sql(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = replace(sql, 'product_id', 'listing_id') WHERE name = 'links_product'",
    )
    finding = shop.diagnose().first_cause
    assert (finding.code, finding.repair) == ("database-damaged", "Make the indexes anew")
    shop.plugin.repair("database-damaged")
    assert shop.diagnose().first_cause is None
    assert shop.market.link("G-1") is not None


def test_unusable_settings_are_forgotten(shop):
    """Those of the database; the default counts again."""
    shop.store.save_settings({"price_percent": "a lot", "auto_publish": "on"})
    assert "price_percent" in shop.plugin.repair("setting-unusable")
    assert dict(shop.store.saved_settings())["auto_publish"] == "on"
    assert shop.diagnose().first_cause is None


def test_what_waits_is_tried(shop):
    """The circuit is closed, and what is parked is taken up."""
    until = shop.market.clock.now().timestamp() + 200
    shop.store.change_remote_state(lambda state: replace(state, failures=9, open_until=until, cause="HTTP 503"))
    shop.plugin.repair("unreachable")
    assert shop.diagnose().first_cause is None
    shop.door.add_fault("answer", "PUT", "/listings", status=422, body={"message": "Price is too low"})
    shop.market.change("G-1", price="2.00")
    assert "1 change is" in shop.plugin.repair("parked")
    assert shop.store.queue_status().parked == 0


def test_orders_are_read_again(shop):
    """The poll is noted, and one that was parked is taken up."""
    shop.market.clock.advance(200_000)
    shop.plugin.repair("orders-unread")
    shop.market.drain()
    assert "orders-unread" not in {each.code for each in shop.diagnose().of(Status.FAIL)}


def test_a_paused_run_goes_on(shop):
    """As the button on its page does."""
    shop.store.runs.change_state(shop.plugin.mass_sync.start(), "applying")
    shop.plugin.mass_sync.pause()
    shop.plugin.repair("run-paused")
    assert "run-paused" not in {each.code for each in shop.diagnose().findings if each.status is not Status.PASS}


def test_a_setting_that_is_saved_well_stays(shop, look):
    """What cannot be used is in the environment, where only a person can correct it: no repair is offered."""
    shop.store.save_settings({"price_percent": "5"})
    environ = {"REVERB_TOKEN": "x", "REVERB_PRICE_PERCENT": "a lot"}
    scene = look(shop.store.path.parent, environ=environ, offline=True)
    finding = next(each for each in diagnose(scene).findings if each.code == "setting-unusable")
    assert (finding.repair, "REVERB_PRICE_PERCENT" in finding.next_step) == ("", True)
    with pytest.raises(InvalidValueError):
        repair(scene, "setting-unusable")
    assert dict(shop.store.saved_settings())["price_percent"] == "5"


def test_a_repair_that_would_not_help(look, tmp_path):
    """It is not offered: a database of which more than indexes is damaged, a file where the folder belongs."""
    (tmp_path / "taken").write_text("")
    folder = tmp_path / "damaged"
    folder.mkdir(mode=0o700)
    (folder / "reverb-plugin.sqlite3").write_bytes(b"no database" * 999)
    for place, code in ((tmp_path / "taken", "data-folder"), (folder, "database-damaged")):
        finding = first(look(place, offline=True))
        assert (finding.code, finding.repair) == (code, "")


@pytest.mark.parametrize("code", ["no-such-check", "clock-off"])
def test_what_cannot_be_repaired(shop, code):
    """It is refused with the reason."""
    with pytest.raises(InvalidValueError):
        shop.plugin.repair(code)


def test_a_repair_that_makes_no_sense(shop, look, tmp_path):
    """Nothing is done where nothing is wrong."""
    for code in ("database-damaged", "setting-unusable"):
        with pytest.raises(InvalidValueError, match="cannot be repaired"):
            shop.plugin.repair(code)
    with pytest.raises(PluginError):
        shop.plugin.repair("run-paused")
    with pytest.raises(InvalidValueError, match="no database"):
        repair(look(tmp_path / "none"), "schema-older")


# What is no fault


def test_a_home_of_another_user(look, tmp_path, monkeypatch):
    """As sudo leaves it: that nobody may look for a second database there is no fault."""

    def refuse(_path):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.exists", refuse)
    assert look(offline=True).other_database is None


def test_a_lock_that_is_held_for_a_moment(shop):
    """Another writer is no fault."""
    with closing(sqlite3.connect(shop.store.path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, lambda: holder.execute("ROLLBACK"))
        timer.start()
        scene = shop.plugin.scene(offline=True)
        assert (scene.file.is_locked, scene.file.write_trouble) == (False, "")
        timer.join()


def test_a_new_shop(tmp_path, simulator, clock, monkeypatch):
    """Before anything has happened, the token is what is missing; with it, nothing fails but the first listing."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    options = {"api_url": simulator.url, "data_dir": tmp_path / "new", "worker": "none", "clock": clock}
    with closing(reverb_plugin.configure(FakeHost([guitar()]), **options)) as plugin:
        assert plugin.diagnose().first_cause.code == "no-token"
        plugin.configuration.save("token", simulator.token)
        assert [each.code for each in plugin.diagnose().of(Status.FAIL)] == ["first-listing-missing"]


def test_a_change_between_two_drains(shop):
    """In a shop that was idle for a week, too: cron will come for it."""
    shop.store.give_up_sender(shop.plugin.owner)
    shop.market.clock.advance(7 * DAY)
    on_product_saved("G-1", plugin=shop.plugin)
    assert "no-worker" not in {each.code for each in shop.plugin.diagnose(offline=True).of(Status.FAIL)}


def test_a_change_that_waits_for_its_next_try(shop):
    """A worker would not touch it now: what it waits for is told first."""
    shop.store.give_up_sender(shop.plugin.owner)
    on_product_saved("G-1", plugin=shop.plugin)
    with shop.writing() as connection:
        connection.execute(outbox.update().values(available_at=shop.market.clock.now() + timedelta(minutes=5)))
    report = shop.plugin.diagnose(offline=True)
    assert [each.code for each in report.findings if each.status is not Status.PASS] == ["worker-idle"]


def test_a_product_file_calls_no_hooks(look, shop, tmp_path):
    """Nor does the shop of somebody who pushes by hand; nothing is missing there."""
    path = tmp_path / "products.csv"
    path.write_text("sku,title,price,quantity\nA-1,One,9.00,1\n")
    with shop.writing() as connection:
        connection.execute(log_rows.update().values(reason=Reason.BY_HAND))
    environ = {"REVERB_TOKEN": shop.market.simulator.token}
    for host in (CsvShop(path), None):
        report = diagnose(look(shop.store.path.parent, environ=environ, host=host, offline=True))
        assert "hooks-silent" in {each.code for each in report.skipped}


def test_scenes_are_read_once(shop, monkeypatch):
    """However many checks ask, the shop is walked once and Reverb asked a dozen questions."""
    walks = []
    monkeypatch.setattr(
        shop.plugin, "host", type("Counted", (FakeHost,), {"iter_products": lambda *_: walks.append(1) or iter(())})()
    )
    shop.door.clear_requests()
    diagnose(shop.plugin.scene())
    assert len(walks) == 1
    assert len(shop.door.requests()) <= 12


def test_a_scene_knows_its_parts(shop):
    """A class attribute stays what it is, for documentation tools."""
    assert Scene.facts.__doc__ == "What the database knows."
