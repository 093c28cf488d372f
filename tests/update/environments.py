"""Real environments with real pip, made once and copied: the plugin in them is a wheel, its dependencies are ours."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import venv
from contextlib import closing
from pathlib import Path

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import FILE_NAME, open_store
from tests.update.wheels import PACKAGE

NEXT_HEAD = f"{int(HEAD) + 1:04}"
SITE_PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
WAITING = 3

DRIVER = """
import sys
from reverb_plugin.cli import main

main(sys.argv[1:], prog_name="reverb-plugin")
"""

MIGRATION = f'''
"""A migration of the future."""

import sys

import sqlalchemy as sa
from alembic.operations import Operations

revision = "{NEXT_HEAD}"
down_revision = "{HEAD}"


def upgrade(op: Operations) -> None:
    op.create_table("tomorrow", sa.Column("id", sa.Integer(), primary_key=True))
    where = op.get_bind().exec_driver_sql("PRAGMA database_list").one()[2]
    sys.audit("test.migrating", where)
'''


def migrating_files(migration=MIGRATION):
    """What a release of the next version of the database has in place of this tree's."""
    schema = (PACKAGE / "store/schema.py").read_text()
    return {
        "reverb_plugin/store/schema.py": schema.replace(f'HEAD = "{HEAD}"', f'HEAD = "{NEXT_HEAD}"'),
        f"reverb_plugin/store/migrations/versions/v{NEXT_HEAD}_tomorrow.py": migration,
    }


def quick_trial():
    """What a release has in place of this tree's, of which nothing but the migration is tried before it is installed.

    Importing every module and rendering the pages takes longer than all the rest; tests of what comes later do without.
    """
    path = "reverb_plugin/update/probe.py"
    probe = (PACKAGE / "update/probe.py").read_text()
    assert '"try": try_out' in probe
    return {path: probe.replace('"try": try_out', '"try": bring_up')}


class Environment:
    """A virtual environment with the plugin, and the data folder of a shop."""

    def __init__(self, folder, index_url):
        self.folder = folder
        self.data = folder / "data"
        self.purelib = folder / "venv" / SITE_PACKAGES
        self.python = folder / "venv/bin/python"
        self._index_url = index_url

    def make(self, wheel):
        """Makes it, with this wheel, installed by pip as a person does it."""
        venv.create(self.folder / "venv", symlinks=True)
        others = self.folder / "others"
        others.mkdir()
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            if "reverb" not in path.name and path.suffix != ".pth":
                (others / path.name).symlink_to(path)
        (self.purelib / "others.pth").write_text(f"{others}\n")
        shutil.copyfile(Path(__file__).with_name("faults.py"), self.purelib / "_faults.py")
        (self.purelib / "00_faults.pth").write_text("import _faults\n")  # before all others
        (self.folder / "driver.py").write_text(DRIVER)
        release = "==".join(wheel.name.split("-")[:2])
        self.run("-m", "pip", "install", "--no-index", "--no-deps", f"--find-links={wheel.parent}", release)
        self.record_changes()

    def copy(self, folder, index_url):
        """The same at another place."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        copied = Environment(folder, index_url)
        script = folder / "venv/bin/reverb-plugin"
        script.write_text(script.read_text().replace(str(self.folder), str(folder)))
        return copied

    def record_changes(self):
        """A database of this code's with some changes that wait."""
        store = open_store(self.data, "sandbox", Clock())
        store.record([product_changed(f"SKU-{number}", Reason.BY_HAND) for number in range(WAITING)])
        store.close()

    def environ(self, **more):
        known = {name: text for name, text in os.environ.items() if not name.startswith(("REVERB_", "PYTHON"))}
        return {**known, "REVERB_UPDATE_INDEX_URL": self._index_url, "REVERB_DATA_DIR": str(self.data), **more}

    def run(self, *arguments, fails=False, **environ):
        """Python with these arguments; what it printed."""
        done = subprocess.run(
            [self.python, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env=self.environ(**environ),
            cwd=self.folder,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start_update(self, *options, fault="", **environ):
        """The command, in a group of processes of its own."""
        extra = {"REVERB_TEST_FAULT": fault} if fault else {}
        return subprocess.Popen(
            [self.python, self.folder / "driver.py", "update", "--yes", "--in-container", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environ(**extra, **environ),
            cwd=self.folder,
            start_new_session=True,
        )

    def update(self, *options, fault="", fails=False, **environ):
        """Runs the command; what it printed."""
        child = self.start_update(*options, fault=fault, **environ)
        printed, _ = child.communicate(timeout=100)
        assert (child.returncode != 0) is fails, printed
        return printed

    def update_killed(self, fault, *options):
        """Runs the command, which the fault must kill."""
        child = self.start_update(*options, fault=fault)
        printed, _ = child.communicate(timeout=100)
        assert child.returncode == -signal.SIGKILL, (child.returncode, printed)

    # What is there

    def versions(self):
        """The version that a new process imports, and that of the database."""
        version = self.run("-c", "import reverb_plugin; print(reverb_plugin.__version__)").strip()
        return version, self.head()

    def told_version(self):
        """What the installed command says that it is."""
        command = [self.folder / "venv/bin/reverb-plugin", "--version"]
        return subprocess.check_output(command, text=True, timeout=60, env=self.environ()).split()[-1]

    def head(self):
        with closing(sqlite3.connect(self.data / FILE_NAME)) as database:
            return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]

    def status(self):
        """What ``reverb-plugin status --json`` says, through the installed script."""
        done = subprocess.run(
            [self.folder / "venv/bin/reverb-plugin", "status", "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=self.environ(),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def report(self):
        return json.loads((self.data / "update/last.json").read_text())

    def check_whole(self):
        """Every file of the plugin is the one that its list names, nothing is left over, and nothing was lost."""
        assert self.status()["queue"]["pending"] == WAITING
        checked = self.run("-c", CHECK_FILES)
        assert checked.strip() == "whole", checked
        ours = {"00_faults.pth", "_faults.py", "others.pth", "reverb_plugin", "__pycache__"}
        assert {path.name for path in self.purelib.iterdir() if path.suffix != ".dist-info"} | {"__pycache__"} == ours
        assert not (self.data / "update/journal.json").exists()
        assert {path.name for path in (self.data / "update").iterdir()} <= {"lock", "turn", "last.json"}
        with closing(sqlite3.connect(self.data / FILE_NAME)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


CHECK_FILES = """
import base64, hashlib
from importlib.metadata import distribution
from pathlib import Path
found = distribution("reverb-plugin")
wrong = []
for file in found.files:
    path = file.locate()
    if not path.exists():
        wrong.append(f"missing {file}")
    elif file.hash is not None and ".." not in file.parts:  # the script names its environment, which was copied
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
        if digest != file.hash.value:
            wrong.append(f"altered {file}")
listed = {str(file) for file in found.files}
home = Path(str(found.locate_file("")))
for path in (home / "reverb_plugin").rglob("*.py"):
    if str(path.relative_to(home)) not in listed:
        wrong.append(f"stray {path}")
print(wrong or "whole")
"""
