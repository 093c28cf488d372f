"""Nothing that is secret or somebody's own leaves in a bundle, wherever and however it was written down."""

import io
import os
import random
import shutil
import sqlite3
import zipfile

import pytest

from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics.bundle import Bundle
from reverb_plugin.diagnostics.finding import Report
from reverb_plugin.diagnostics.scene import scene_of_folder
from reverb_plugin.host import Product
from reverb_plugin.store.store import open_store
from tests.diagnostics.canaries import carried, found_in, make_canaries, plant


class LeakyHost:
    """A shop whose products, and whose errors, hold what they should not."""

    def __init__(self, texts):
        self._texts = texts

    def find_product(self, sku):
        texts = iter(self._texts)
        if len(sku) % 2:
            raise RuntimeError(f"could not read {next(texts)}")
        return Product(sku=sku, title=next(texts).replace("\n", " ")[:200], description=next(texts), condition="Mint")

    def iter_products(self, after_sku=None):
        return iter(())


def make_bundle(folder, seed, monkeypatch):
    lot = random.Random(seed)
    canaries = make_canaries(lot)
    store = open_store(folder, "sandbox", Clock())
    store.queue_status()
    store.close()
    plant(store.path, canaries, lot)
    texts = [carried(value, lot) for kind, value in canaries.all.items() if kind not in {"user", "password"}]
    monkeypatch.setenv("SHOP_DATABASE_URL", f"postgres://shop:{canaries.password}@db.internal/shop")
    monkeypatch.setenv("HOME", f"/home/{canaries.user}")
    scene = scene_of_folder(
        folder, os.environ, lambda _: "https://sandbox.reverb.com/api", Clock(), host=LeakyHost(texts), offline=True
    )
    records = [
        {"at": "", "level": "ERROR", "logger": "reverb_plugin.sync", "message": text, "traceback": text}
        for text in texts
    ]
    target = io.BytesIO()
    try:
        exported = Bundle(scene, _no_checks, lambda: records).export(target)
    finally:
        scene.untouched_store.close()
    return canaries, exported, zipfile.ZipFile(target)


def _no_checks(_scene):
    return Report((), (), Clock().now(), is_offline=True)


def leaks(canaries, bundle):
    """What was found in which part; of the database in each cell and in the bytes of the file."""
    found = []
    for name in bundle.namelist():
        content = bundle.read(name)
        found += [f"{name}: {each}" for each in found_in(content, canaries)]
        if name.endswith(".sqlite3"):
            database = sqlite3.connect(":memory:")
            database.deserialize(content)
            found += [f"{name}: {each}" for each in found_in("\n".join(database.iterdump()).encode(), canaries)]
            database.close()
    return found


@pytest.mark.parametrize("seed", range(20))
def test_nothing_leaks(tmp_path, monkeypatch, seed):
    """Tokens, names, places, addresses, numbers and paths in every table, text, error and encoding: none is found."""
    canaries, exported, bundle = make_bundle(tmp_path, seed, monkeypatch)
    assert leaks(canaries, bundle) == []
    assert exported.removed["secret"] > 10
    assert exported.troubles == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_leaks_from_a_thousand_bundles(tmp_path_factory, monkeypatch):
    """The same for a thousand installations."""
    for seed in range(1_000, 2_000):
        folder = tmp_path_factory.mktemp("installation")
        canaries, _, bundle = make_bundle(folder, seed, monkeypatch)
        assert leaks(canaries, bundle) == [], seed
        shutil.rmtree(folder)
