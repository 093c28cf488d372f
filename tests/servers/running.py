"""Starting a real server with the shop in it, asking it, and ending it."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reverb_plugin.store.store import FILE_NAME

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


class Server:
    """A server that runs; ``process`` is its master."""

    def __init__(self, command, folder, simulator):
        self.database = folder / "data" / FILE_NAME
        self._log = folder / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environ = {name: text for name, text in os.environ.items() if not name.startswith("REVERB_")} | {
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "REVERB_AUTO_SYNC": "on",
            "REVERB_REQUESTS_PER_MINUTE": "600",
            "SHOP_FOLDER": str(folder / "data"),
            "SHOP_TOKEN": simulator.token,
            "SHOP_API_URL": simulator.url,
        }
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [each.format(port=self.port) for each in command],
                cwd=folder,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ask(self, path):
        """The words of the answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
            return response.read().decode().split()

    def wait_until_it_serves(self, processes=1):
        """Until as many processes have answered."""
        seen = set()

        def has_all():
            with contextlib.suppress(OSError), ThreadPoolExecutor(processes * 2) as pool:
                seen.update(pid for _, pid in pool.map(self.ask, ["/who"] * processes * 2))
            assert self.process.poll() is None, self.log()
            return len(seen) >= processes

        wait_until(has_all, self.log)
        return seen

    def save(self, numbers):
        """Saves products by several requests at once; the statuses that the hook gave."""
        with ThreadPoolExecutor(8) as pool:
            return {status for status, _ in pool.map(self.ask, [f"/save/{number}" for number in numbers])}

    def owners(self):
        """Which processes hold a job just now."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            rows = connection.execute("SELECT lease_id FROM outbox WHERE lease_id IS NOT NULL").fetchall()
        return {lease_id.rpartition(":")[0] for (lease_id,) in rows}

    def pending(self):
        """How many jobs are left."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def log(self):
        """What the server said."""
        return self._log.read_text()

    def stop(self):
        """Ends it as a deployment does; how many seconds that took."""
        started_at = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return time.monotonic() - started_at

    def kill(self):
        """Ends whatever is left of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wait_until(is_so, explain, seconds=60):
    """Until it is so."""
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, explain()
        time.sleep(0.05)
