"""Installing a release into a real environment, with real pip, from a real index."""

from reverb_plugin.version import __version__
from tests.update.environments import NEXT_HEAD


def test_the_happy_way(installed, index, migrating):
    """One command brings plugin and database to the newer version; nothing else is changed and nothing is left over."""
    index.add(migrating)

    printed = installed.update()

    assert f"Updated from {__version__} to 0.2.0." in printed
    assert installed.versions() == ("0.2.0", NEXT_HEAD)
    installed.check_whole()
    assert installed.report()["outcome"] == "installed"
    assert (installed.data / "before-update.sqlite3").stat().st_mode & 0o077 == 0
    assert installed.status()["version"] == "0.2.0"
