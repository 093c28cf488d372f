"""Faults to seed: each breaks a healthy installation in one place, and says what it has to be called."""

import errno
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import reverb_plugin
from reverb_plugin import health
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.connection import Check, Connection, Verdict, keep
from reverb_plugin.diagnostics import disk
from reverb_plugin.diagnostics.doctor import diagnose
from reverb_plugin.diagnostics.scene import Scene, scene_of_folder
from reverb_plugin.errors import HostError
from reverb_plugin.hooks import on_order_placed, on_product_saved
from reverb_plugin.host import Product
from reverb_plugin.plugin import Plugin
from reverb_plugin.store import engine, outbox
from reverb_plugin.store.schema import sender
from reverb_plugin.testing import FakeHost, FrozenClock
from reverb_plugin.version import __version__
from tests.sync.market import Market, guitar, used_guitar

FAULTS = []
DAY = 86_400


@dataclass
class Shop:
    """A healthy installation: two products that are live on Reverb, orders that are read, and a worker at work.

    ``patch`` is pytest's monkeypatch. A fault that shows to commands only gives the ``scene`` that these see.
    """

    market: Market
    patch: object
    folder: object
    offline: bool = False
    scene: Scene | None = None

    @property
    def plugin(self) -> Plugin:
        return self.market.plugin

    @property
    def store(self):
        return self.plugin.store

    @property
    def host(self):
        return self.market.host

    @property
    def door(self):
        return self.market.door

    def writing(self):
        """A transaction in which a test writes what it likes."""
        return self.store._database.write()

    def sql(self, *statements):
        """Changes the file behind the plugin's back."""
        self.store.close()
        with closing(sqlite3.connect(self.store.path)) as raw:
            for statement in statements:
                raw.execute(statement)
            raw.commit()

    def diagnose(self):
        return diagnose(self.scene or self.plugin.scene(offline=self.offline))


def open_healthy(make, patch, folder):
    """The installation before anything happens to it."""
    host = FakeHost([guitar("G-1", photos=("https://shop.example/1.jpg",)), guitar("G-2")])
    market = make(host)
    market.set(orders="stock")
    for sku in ("G-1", "G-2"):
        on_product_saved(sku, plugin=market.plugin)
    market.drain()
    for sku in ("G-1", "G-2"):
        market.door.publish(market.listing(sku)["id"])
    market.door.publish_now()
    market.drain()
    employ(market.plugin)
    return Shop(market, patch, folder)


def employ(plugin, version=None):
    """A worker that has just looked, and will again for a long time."""
    plugin.store.give_up_sender(plugin.owner)
    plugin.store.claim_sender(plugin.owner, version or __version__, 30 * DAY)


def fault(code, name=None):
    """Registers a fault that the doctor has to name by ``code``."""

    def register(seed):
        FAULTS.append((name or seed.__name__, code, seed))
        return seed

    return register


# The machine


@fault("sqlite-old")
def an_old_sqlite(shop):
    shop.patch.setattr("sqlite3.sqlite_version", "3.31.1")
    shop.offline = True


@fault("packages-unfit")
def a_package_that_somebody_has_put_back(shop):
    shop.patch.setattr("importlib.metadata.version", lambda name: "1.4.9" if name == "SQLAlchemy" else "99")
    shop.offline = True


@fault("data-folder")
def a_file_where_the_folder_belongs(shop):
    (shop.folder / "taken").write_text("")
    shop.scene = scene_at(shop, shop.folder / "taken")


@fault("data-folder")
def a_folder_that_is_gone(shop):
    shop.scene = scene_at(shop, shop.folder / "gone", REVERB_TOKEN=shop.market.simulator.token)


@fault("network-file-system")
def a_database_on_nfs(shop):
    mounts = shop.folder / "mounts"
    mounts.write_text(
        f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n90 22 0:44 / {shop.store.path.parent} rw,relatime - nfs4 nas:/shops rw\n"
    )
    shop.patch.setattr(disk, "MOUNTS", mounts)


def _statvfs(**changed):
    usual = {"f_blocks": 10**8, "f_bfree": 10**7, "f_bavail": 10**7, "f_frsize": 4096}
    usual |= {"f_favail": 10**6, "f_files": 10**7, "f_flag": 0}
    return lambda _path: SimpleNamespace(**usual | changed)


@fault("disk-full")
def a_full_disk(shop):
    shop.patch.setattr(disk.os, "statvfs", _statvfs(f_bavail=0))


@fault("disk-full")
def a_disk_without_room_for_a_file(shop):
    shop.patch.setattr(disk.os, "statvfs", _statvfs(f_favail=0))


@fault("disk-full")
def a_quota_that_is_used_up(shop):
    def refuse(*_args, **_options):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    shop.patch.setattr(disk, "NamedTemporaryFile", refuse)


@fault("disk-read-only")
def a_disk_mounted_read_only(shop):
    shop.patch.setattr(disk.os, "statvfs", _statvfs(f_flag=os.ST_RDONLY))


@fault("disk-read-only")
def a_disk_with_errors(shop):
    def refuse(*_args, **_options):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    shop.patch.setattr(disk, "NamedTemporaryFile", refuse)


@fault("database-owner")
def a_database_of_another_user(shop):
    shop.patch.setattr(os, "geteuid", lambda: 4_242)


@fault("database-owner")
def a_file_that_root_has_left(shop):
    look = disk.look_at_folder

    def see(folder, name):
        seen = look(folder, name)
        return replace(seen, files=(*seen.files, disk.FileFacts(folder / f"{name}-wal2", 4_242, 0o600)))

    shop.patch.setattr("reverb_plugin.diagnostics.scene.look_at_folder", see)


@fault("database-mode")
def a_database_that_may_not_be_written(shop):
    shop.store.path.chmod(0o400)


@fault("database-mode")
def a_database_that_everybody_may_read(shop):
    shop.store.path.parent.chmod(0o755)
    shop.store.path.chmod(0o644)


# The database


@fault("database-locked")
def a_backup_that_holds_the_lock(shop):
    holder = sqlite3.connect(shop.store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    shop.held = holder


@fault("database-locked")
def an_exclusive_lock(shop):
    shop.store.close()
    holder = sqlite3.connect(shop.store.path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("INSERT INTO settings VALUES ('x', 'x', 'x')")
    shop.held = holder


@fault("database-damaged")
def a_database_with_overwritten_pages(shop):
    shop.store.close()
    with shop.store.path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xa5" * 4096 * 6)


@fault("database-damaged")
def a_file_that_is_no_database(shop):
    shop.store.close()
    shop.store.path.write_bytes(b"This was a database once." * 400)


@fault("database-damaged")
def a_database_cut_short(shop):
    shop.store.close()
    os.truncate(shop.store.path, 4096 * 5)


@fault("database-damaged")
def a_table_that_is_gone(shop):
    shop.sql("DROP TABLE outbox")


@fault("database-damaged")
def a_version_that_is_gone(shop):
    shop.sql("ALTER TABLE alembic_version RENAME TO lost")


@fault("database-damaged")
def a_column_that_is_gone(shop):
    shop.sql("ALTER TABLE stock DROP COLUMN odd_at")


@fault("database-damaged")
def a_value_that_cannot_be_read(shop):
    shop.sql("UPDATE links SET sent = 'not JSON'")


@fault("database-damaged")
def a_database_of_another_program(shop):
    shop.store.close()
    shop.store.path.unlink()
    with closing(sqlite3.connect(shop.store.path)) as raw:
        raw.execute("CREATE TABLE diary (day, text)")


@fault("database-missing")
def an_empty_file(shop):
    shop.store.close()
    shop.store.path.write_bytes(b"")


@fault("database-missing")
def a_folder_that_was_mistyped(shop):
    (shop.folder / "mistyped").mkdir(mode=0o700)
    shop.scene = scene_at(shop, shop.folder / "mistyped", is_named=True)


@fault("schema-newer")
def a_database_of_a_newer_version(shop):
    shop.sql("UPDATE alembic_version SET version_num = '0999'")


@fault("schema-older")
def a_database_of_an_older_version(shop):
    shop.sql("UPDATE alembic_version SET version_num = '0002'")


@fault("database-unusable")
def a_process_forked_in_the_midst(shop):
    shop.store.close()
    shop.patch.setitem(engine._torn, shop.store.path, None)


@fault("two-databases")
def a_second_database_in_the_usual_place(shop):
    other = shop.folder / "home" / "reverb-plugin"
    other.mkdir(parents=True)
    (other / shop.store.path.name).write_bytes(shop.store.path.read_bytes())
    moment = shop.market.clock.now().timestamp()
    os.utime(other / shop.store.path.name, (moment, moment))
    shop.patch.setenv("XDG_DATA_HOME", str(shop.folder / "home"))


# Settings


@fault("setting-unusable")
def a_typo_in_an_environment_variable(shop):
    shop.patch.setenv("REVERB_AUTO_PUBLISH", "maybe")
    shop.plugin.configuration.reload()


@fault("setting-unusable")
def a_setting_of_an_older_version(shop):
    shop.store.save_settings({"condition_map": "no longer JSON"})


@fault("no-token")
def no_token_at_all(shop):
    reopen(shop, token=None)


@fault("other-address")
def production_with_the_address_of_the_sandbox(shop):
    shop.plugin.configuration.save("environment", "production")
    shop.patch.setattr(shop.plugin, "_api_url", "https://sandbox.reverb.com/api")
    shop.offline = True


@fault("other-address")
def an_address_that_is_none(shop):
    shop.patch.setattr(shop.plugin, "_api_url", "api.reverb.com/api")


# The way to Reverb


@fault("proxy")
def a_proxy_that_is_gone(shop):
    shop.patch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")


@fault("proxy")
def a_proxy_of_another_kind(shop):
    shop.patch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{closed_port()}")


@fault("proxy")
def a_proxy_behind_tls_that_is_gone(shop):
    shop.patch.setenv("HTTP_PROXY", f"https://127.0.0.1:{closed_port()}")


@fault("name-resolution")
def a_name_server_that_does_not_know(shop):
    shop.patch.setattr(shop.plugin, "_api_url", "https://no-such-host.invalid/api")


@fault("no-connection")
def a_port_where_nobody_listens(shop):
    shop.patch.setattr(shop.plugin, "_api_url", f"http://127.0.0.1:{closed_port()}/api")


@fault("clock-off")
def a_clock_that_is_hours_behind(shop):
    reopen(shop, clock=FrozenClock(shop.market.clock.now() - timedelta(hours=3)))


@fault("captive-portal")
def a_login_page_in_between(shop):
    shop.door.add_fault("html", times=None, status=200)


@fault("captive-portal")
def a_redirect_to_a_login_page(shop):
    shop.door.add_fault("answer", times=None, status=302, headers={"Location": "http://login.hotel.example/"})


@fault("reverb-down")
def maintenance_at_reverb(shop):
    shop.door.go_down()


@fault("reverb-down")
def a_gateway_that_gives_up(shop):
    shop.door.add_fault("html", times=None, status=502)


@fault("reverb-down")
def a_reverb_that_hangs_up(shop):
    shop.door.add_fault("reset_before", times=None)


@fault("reverb-slow")
def a_reverb_that_takes_all_day(shop):
    shop.door.add_fault("latency", times=None, seconds=20.0)


@fault("reverb-slow")
def a_slow_reverb(shop):
    shop.door.add_fault("latency", times=None, seconds=4.0)


@fault("rate-limited")
def a_limit_that_was_hit(shop):
    shop.door.add_fault("rate_limit", times=None, retry_after="seconds", seconds=900.0)
    shop.market.change("G-1", price=Decimal("100.00"))
    employ(shop.plugin)


@fault("rate-limited")
def a_limit_that_the_second_question_meets(shop):
    shop.door.add_fault("rate_limit", "GET", "/my/listings", times=None)


@fault("rate-limited")
def a_limit_that_is_hit_now(shop):
    shop.door.add_fault("rate_limit", times=None)


@fault("rate-limited")
def a_pace_that_had_to_be_slowed_down(shop):
    shop.store.change_remote_state(lambda state: replace(state, interval_seconds=9.0))


# Token and account


@fault("account-unreadable")
def answers_that_make_no_sense(shop):
    shop.door.add_fault("wrong_types", "GET", "/my/account", times=None)


@fault("token-refused")
def a_token_that_was_revoked(shop):
    shop.door.set(token_revoked=True)


@fault("token-environment")
def a_token_of_the_other_environment(shop):
    token = shop.plugin.settings.token
    tried = Connection("production", shop.market.clock.now(), "Shop", "USD", (Check("Token", Verdict.FINE, "fine"),))
    keep(shop.store.of("production"), tried, token)
    shop.door.set(token_revoked=True)


@fault("token-environment")
def an_environment_that_was_changed(shop):
    reopen(shop, token=None)
    shop.plugin.configuration.save("token", shop.market.simulator.token)
    shop.market.clock.advance(60)
    shop.market.change("G-1", price=Decimal(70))
    shop.plugin.configuration.save("environment", "production")
    shop.door.set(token_revoked=True)


@fault("scopes-missing")
def a_token_that_may_not_write(shop):
    shop.door.set(scopes=["public", "read_listings", "read_orders", "read_profile"])


@fault("shop-missing")
def an_account_without_a_shop(shop):
    shop.door.set(has_shop=False)


@fault("account-incomplete")
def an_account_without_billing(shop):
    shop.market.set(auto_publish="on")
    shop.door.set(account_ready=False)
    shop.market.save(guitar("NEW"))
    employ(shop.plugin)


@fault("first-listing-missing")
def a_shop_on_reverb_without_listings(shop):
    shop.door.add_fault("answer", "GET", "/my/listings", times=None, body={"total": 0, "listings": []})


@fault("vacation")
def a_shop_on_vacation(shop):
    shop.door.set(vacation=True)


@fault("unreachable")
def a_circuit_that_is_open_still(shop):
    until = shop.market.clock.now().timestamp() + 200
    shop.store.change_remote_state(lambda state: replace(state, failures=9, open_until=until, cause="HTTP 503"))


# Sending


@fault("worker-thread")
def uwsgi_without_threads(shop):
    shop.patch.setitem(sys.modules, "uwsgi", SimpleNamespace(has_threads=0))
    shop.plugin.start_worker()


@fault("worker-thread")
def a_thread_that_has_died(shop):
    shop.patch.setattr(shop.plugin, "_starts_thread", True)


@fault("worker-version")
def a_worker_of_an_older_version(shop):
    employ(shop.plugin, "0.0.1")


@fault("restart-needed")
def an_update_without_a_restart(shop):
    shop.patch.setattr(health, "find_other_version", lambda: "9.9")


@fault("two-senders")
def two_workers_at_once(shop):
    on_product_saved("G-1", plugin=shop.plugin)
    assert shop.store.lease("elsewhere:77:abcdef01:1234", 300.0) is not None


@fault("no-worker")
def nobody_who_sends(shop):
    shop.store.give_up_sender(shop.plugin.owner)
    on_product_saved("G-1", plugin=shop.plugin)
    shop.market.clock.advance(1_000)


@fault("no-worker")
def a_worker_that_was_killed(shop):
    shop.store.give_up_sender(shop.plugin.owner)
    shop.store.claim_sender(f"{shop.plugin.owner.partition(':')[0]}:{dead_pid()}:abcdef01", __version__, DAY)
    on_product_saved("G-1", plugin=shop.plugin)


@fault("no-worker")
def a_worker_that_was_killed_long_ago(shop):
    a_worker_that_was_killed(shop)
    with shop.writing() as connection:
        connection.execute(sender.update().values(leased_until=shop.market.clock.now() - timedelta(hours=1)))


@fault("no-worker")
def a_worker_that_was_stopped_by_a_signal(shop):
    asleep = subprocess.Popen(["sleep", "60"])
    shop.closing = SimpleNamespace(close=lambda: (asleep.kill(), asleep.wait()))
    asleep.send_signal(signal.SIGSTOP)
    os.waitpid(asleep.pid, os.WUNTRACED)
    shop.store.give_up_sender(shop.plugin.owner)
    shop.store.claim_sender(f"{shop.plugin.owner.partition(':')[0]}:{asleep.pid}:abcdef01", __version__, DAY)


# The shop


@fault("host-unusable")
def a_shop_that_cannot_be_imported(shop):
    shop.scene = scene_at(
        shop, shop.store.path.parent, host_trouble=HostError("importing myshop raised KeyError: 'DB'")
    )


@fault("host-contract")
def a_shop_that_raises(shop):
    shop.host.fail(RuntimeError("the shop's database is gone"))


@fault("host-contract")
def a_shop_that_calls_exit(shop):
    class Quitter(FakeHost):
        def find_product(self, sku):
            raise SystemExit(3)

    swap_host(shop, Quitter([guitar("G-1")]))


@fault("host-contract")
def a_shop_that_prices_in_floats(shop):
    class Rough(FakeHost):
        def iter_products(self, after_sku=None):
            yield from super().iter_products(after_sku)
            yield Product("Z-1", title="Strings", price=9.99)

    swap_host(shop, Rough([guitar("G-1")]))


@fault("host-contract")
def a_shop_that_does_not_go_on(shop):
    class Tired(FakeHost):
        def iter_products(self, after_sku=None):
            return super().iter_products() if after_sku is None else iter(())

    swap_host(shop, Tired([guitar("G-1"), guitar("G-2")]))


@fault("host-contract")
def a_shop_that_takes_long(shop):
    class Slow(FakeHost):
        def find_product(self, sku):
            shop.market.clock.advance(3.0)
            return super().find_product(sku)

    swap_host(shop, Slow([guitar("G-1")]))


@fault("host-contract")
def a_shop_that_ignores_the_case(shop):
    class Sloppy(FakeHost):
        def iter_products(self, after_sku=None):
            return iter(sorted(super().iter_products(after_sku), key=lambda product: product.sku.lower()))

    swap_host(shop, Sloppy([guitar("b-1"), guitar("A-1"), guitar("C-1"), guitar("a-2")]))


@fault("host-contract")
def a_shop_that_finds_what_is_not_there(shop):
    class Generous(FakeHost):
        def find_product(self, sku):
            return super().find_product(sku) or guitar(sku.strip() or "x")

    swap_host(shop, Generous([guitar("G-1")]))


@fault("host-contract")
def a_shop_that_does_not_find_what_it_lists(shop):
    class Forgetful(FakeHost):
        def find_product(self, sku):
            return None

    swap_host(shop, Forgetful([guitar("G-1")]))


@fault("host-abilities")
def a_shop_that_cannot_take_orders(shop):
    class Plain:
        def find_product(self, sku):
            return shop.host.find_product(sku)

        def iter_products(self, after_sku=None):
            return shop.host.iter_products(after_sku)

    swap_host(shop, Plain())


@fault("shop-empty")
def a_shop_that_reads_the_wrong_database(shop):
    swap_host(shop, FakeHost())


@fault("shop-empty")
def a_shop_that_leaves_everything_out(shop):
    for product in list(shop.host.iter_products()):
        shop.market.put(replace(product, sync=False))


@fault("products-without-sku")
def a_product_without_a_sku(shop):
    class Careless(FakeHost):
        def iter_products(self, after_sku=None):
            yield from super().iter_products(after_sku)
            yield Product("", title="Strings")

    swap_host(shop, Careless([guitar("G-1")]))


@fault("duplicate-sku-shop")
def a_sku_used_twice(shop):
    class Double(FakeHost):
        def iter_products(self, after_sku=None):
            for product in super().iter_products(after_sku):
                yield from (product, product) if product.sku == "G-1" else (product,)

    swap_host(shop, Double(list(shop.host.iter_products())))


@fault("conditions-unmapped")
def a_condition_that_reverb_does_not_have(shop):
    shop.host.add(guitar("N-1", condition="Wie neu"))


@fault("categories-unmapped")
def a_category_that_nobody_has_mapped(shop):
    shop.host.add(guitar("N-1", categories=("E-Gitarren",)))


@fault("prices-unusable")
def a_product_without_a_price(shop):
    shop.host.add(guitar("N-1", price=None))


@fault("quantities-unknown")
def a_stock_that_nobody_counts(shop):
    shop.host.add(guitar("N-1", quantity=None))


@fault("currency-other")
def prices_in_another_currency(shop):
    shop.host.add(guitar("N-1", currency="EUR"))


@fault("photos-unreachable")
def photos_at_a_private_address(shop):
    shop.host.add(guitar("N-1", photos=("http://192.168.1.20/1.jpg",)))


@fault("used-quantity")
def three_of_a_used_item(shop):
    shop.host.add(used_guitar("N-1", quantity=3))


# Hooks


@fault("changes-held")
def changes_that_could_not_be_written(shop):
    with closing(sqlite3.connect(shop.store.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        on_product_saved("G-1", plugin=shop.plugin)


@fault("hooks-early")
def a_hook_before_the_commit(shop):
    on_product_saved("G-1", plugin=shop.plugin)
    shop.market.drain()
    shop.host.change("G-1", price=Decimal("555.00"))  # the shop commits only now
    employ(shop.plugin)


@fault("hooks-early")
def an_order_hook_before_the_commit(shop):
    event = shop.host.sell("G-2")
    shop.host.change("G-2", quantity=3)
    on_order_placed(event, plugin=shop.plugin)
    shop.market.drain()
    shop.host.change("G-2", quantity=2)
    employ(shop.plugin)


@fault("hooks-early")
def a_hook_in_a_transaction_of_django(shop):
    opened = SimpleNamespace(alias="default", in_atomic_block=True)
    django = SimpleNamespace(connections=SimpleNamespace(all=lambda initialized_only: [opened]))
    with shop.patch.context() as patch:
        patch.setitem(sys.modules, "django.db", django)
        on_product_saved("G-1", plugin=shop.plugin)
    shop.market.drain()
    employ(shop.plugin)


@fault("hooks-silent")
def hooks_that_nobody_calls(shop):
    with shop.writing() as connection:
        connection.exec_driver_sql("UPDATE sync_log SET reason = 'mass sync'")


# The listings


@fault("without-sku")
def a_listing_without_a_sku(shop):
    shop.door.add_listing(title="Made by hand", state="live")


@fault("duplicate-sku-reverb")
def two_listings_of_one_sku(shop):
    shop.door.add_listing(title="Once more", sku="G-1", state="live", price=5, condition="Brand New")


@fault("overlapping-plugin")
def another_plugin_that_changes_prices(shop):
    change_on_reverb(shop, "G-1", price={"amount": "1.00", "currency": "USD"})


@fault("overlapping-plugin")
def values_that_flip(shop):
    shop.market.set(mass_sync_pause_hours="0")
    for _ in range(3):
        change_on_reverb(shop, "G-1", price={"amount": "1.00", "currency": "USD"})
        shop.plugin.mass_sync.start(confirmed=True)
        shop.market.drain()
        shop.market.clock.advance(60)
    employ(shop.plugin)


@fault("overlapping-plugin")
def quantities_that_flip(shop):
    for number in (1, 2, 1, 2):
        change_on_reverb(shop, "G-1", inventory=number)
        shop.plugin.mass_sync.check_drift()
        shop.market.drain()
        shop.market.clock.advance(600)
        shop.market.drain()
    employ(shop.plugin)


@fault("drift")
def differences_that_were_found(shop):
    change_on_reverb(shop, "G-1", title="Stratocaster, like new")
    shop.plugin.mass_sync.check_drift()
    shop.market.drain()
    employ(shop.plugin)


# Queue and orders


@fault("parked")
def changes_that_reverb_refuses(shop):
    shop.door.add_fault("answer", "PUT", "/listings", times=None, status=422, body={"message": "Price is too low"})
    for number, sku in enumerate(("G-1", "G-2")):
        shop.market.change(sku, price=Decimal(f"{number + 2}.50"))
    shop.door.clear_faults()
    employ(shop.plugin)


@fault("queue-late")
def a_queue_that_does_not_move(shop):
    with shop.writing() as connection:
        change = product_changed("G-1", Reason.PRODUCT_SAVED)
        outbox.record(connection, change, shop.market.clock.now() - timedelta(hours=9))


@fault("run-paused")
def a_mass_sync_left_paused(shop):
    shop.store.runs.change_state(shop.plugin.mass_sync.start(), "paused")


@fault("run-braked")
def a_mass_sync_that_asks(shop):
    for number in range(8):
        shop.host.add(guitar(f"M-{number}"))
        shop.market.save_again(f"M-{number}")
        shop.door.publish(shop.market.listing(f"M-{number}")["id"])
    shop.door.publish_now()
    for number in range(8):
        shop.host.change(f"M-{number}", price=Decimal("9.00"))
    with shop.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE sync_log SET created_at = '2025-12-01T00:00:00.000000Z' WHERE sku LIKE 'M-%'"
        )
        connection.exec_driver_sql("UPDATE sync_log SET reason = 'by hand' WHERE sku LIKE 'M-%'")
    shop.plugin.mass_sync.start()
    shop.market.drain()
    employ(shop.plugin)


@fault("orders-unread")
def orders_that_are_not_read(shop):
    shop.market.clock.advance(2 * DAY)


@fault("orders-unread")
def a_poll_that_waits_for_a_person(shop):
    with shop.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO outbox (kind, key, scope, reason, priority, state, revision, attempts, available_at,"
            " created_at, error_code, error_message)"
            " VALUES ('poll_orders', 'sandbox', 'all', 'schedule', -1, 'parked', 1, 9,"
            " '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 'not-allowed', 'The scope is missing')"
        )


@fault("orders-ask")
def a_piece_that_was_sold_twice(shop):
    shop.host.change("G-2", quantity=1)
    shop.door.buy(shop.market.listing("G-2")["id"], 2)
    shop.market.clock.advance(600)
    shop.market.drain()
    employ(shop.plugin)


# What can wait


@fault("auto-sync-off")
def auto_sync_that_was_forgotten(shop):
    shop.market.set(auto_sync="off")


@fault("update-waiting")
def a_newer_version(shop):
    notice = SimpleNamespace(
        offer=SimpleNamespace(is_security=True), version="9.9", words="It mends a security problem."
    )
    status = SimpleNamespace(prompt=notice, current="0.1.0", stale_words="")
    shop.patch.setattr(health, "read_status", lambda *_: status)


@fault("update-check-stale")
def an_index_that_stands_still(shop):
    status = SimpleNamespace(prompt=None, current="0.1.0", stale_words="Nothing new for a month.")
    shop.patch.setattr(health, "read_status", lambda *_: status)


@fault("worker-idle")
def a_worker_that_was_stopped(shop):
    shop.store.give_up_sender(shop.plugin.owner)


@fault("worker-idle")
def a_change_that_came_when_it_was_stopped(shop):
    shop.store.give_up_sender(shop.plugin.owner)
    on_product_saved("G-1", plugin=shop.plugin)


# Helpers


def change_on_reverb(shop, sku, **fields):
    """What another program does there."""
    shop.plugin.client.update_listing(str(shop.market.listing(sku)["id"]), fields)


def reopen(shop, clock=None, **options):
    """The same data and shop, configured otherwise."""
    folder = shop.store.path.parent
    given = {"token": shop.market.simulator.token} | options
    shop.plugin.close()
    plugin = reverb_plugin.configure(
        shop.host,
        api_url=shop.market.simulator.url,
        data_dir=folder,
        worker="none",
        clock=clock or shop.market.clock,
        **given,
    )
    shop.market = Market(shop.market.simulator, shop.host, plugin, shop.market.clock)
    shop.closing = plugin
    employ(plugin)


def swap_host(shop, host):
    shop.patch.setattr(shop.plugin, "host", host)


def scene_at(shop, folder, is_named=False, host_trouble=None, **environ):
    """As a command sees a folder."""
    environ.setdefault("REVERB_TOKEN", shop.market.simulator.token)
    url = shop.market.simulator.url
    return scene_of_folder(
        folder, environ, lambda _environment: url, shop.market.clock, is_named=is_named, host_trouble=host_trouble
    )


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid
