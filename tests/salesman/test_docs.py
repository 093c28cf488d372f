"""docs/salesman.md: its recipe works, and it names what there is."""

import re
from dataclasses import fields

from django.test import override_settings
from django.urls import re_path
from django.urls.resolvers import RegexPattern, URLResolver

from reverb_plugin.default import find_default
from reverb_plugin.hosts.salesman.options import Options
from reverb_plugin.hosts.salesman.plugging import plug_in
from tests.docs.pages import blocks, read

SETTINGS, URLS = blocks("docs/salesman.md", "py")


def test_every_entry_is_documented():
    """The table of REVERB_PLUGIN names each entry, and no other."""
    table = read("docs/salesman.md").split("## Entries")[1]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(each.name for each in fields(Options))


def test_the_settings_are_enough(salesman, tmp_path):
    """What stands there is what the app needs: it makes a plugin whose files are where they should be."""
    admin = re_path("^admin/", lambda request: None)  # as Django's: whatever follows
    names = {"INSTALLED_APPS": [], "BASE_DIR": tmp_path, "urlpatterns": [admin]}
    exec(SETTINGS + URLS, names)
    assert names["INSTALLED_APPS"] == ["reverb_plugin.hosts.salesman"]
    found = URLResolver(RegexPattern("^/"), names["urlpatterns"]).resolve("/admin/reverb")
    assert found.url_name == "reverb"
    with override_settings(REVERB_PLUGIN=names["REVERB_PLUGIN"]):
        plugin = plug_in()
    try:
        assert plugin is find_default()
        assert plugin.store.path.parent == tmp_path / "reverb"
    finally:
        plugin.close()
