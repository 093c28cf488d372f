"""The values that must not leave this installation: its secrets, the people in its orders, whoever runs the machine."""

import getpass
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from reverb_plugin.categories import NAME as CATEGORIES
from reverb_plugin.diagnostics.known import Known
from reverb_plugin.diagnostics.personal_keys import find_kind
from reverb_plugin.diagnostics.vocabulary import WORDS
from reverb_plugin.redact import Secret
from reverb_plugin.reverb_api.conditions import CONDITIONS
from reverb_plugin.settings import SETTINGS, Settings
from reverb_plugin.store.snapshot import Snapshot

MOST_ORDERS = 5_000
MOST_KEPT = 100
MOST_SETTINGS = 1_000
LEAST_SECRET = 4
LEAST_OTHER_SECRET = 8
"""Another program's secret that is shorter may as well be a word."""

NO_PERSON = frozenset(
    {
        "root",
        "www-data",
        "www",
        "apache",
        "nginx",
        "http",
        "httpd",
        "nobody",
        "daemon",
        "admin",
        "administrator",
        "app",
        "web",
        "deploy",
        "ubuntu",
        "debian",
        "docker",
        "user",
        "git",
        "guest",
        "default",
        "uwsgi",
        "gunicorn",
        "python",
        "shop",
        "magento",
        "oscar",
        "localhost",
    }
)
_SECRET_NAME = re.compile(
    r"(?i)token|secret|passw|passphrase|api_?key|private_?key|access_?key|_key$|credential|dsn|auth$|signature"
)
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
"""As carriers write them."""

_WHERE = frozenset({"PWD", "OLDPWD"})
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def find_live_values(settings: Settings, environ: Mapping[str, str], snapshot: Snapshot | None) -> Iterator[Known]:
    """What is known to be a secret or somebody's own, the secrets first."""
    yield from _of_settings(settings)
    yield from _of_environ(environ)
    if snapshot is not None:
        yield from _saved_secrets(snapshot)
    yield from _of_machine(environ)
    if snapshot is not None:
        yield from _of_buyers(snapshot)


def find_public_uuids(settings: Settings, snapshot: Snapshot | None) -> Iterator[str]:
    """The uuids of Reverb's conditions and categories, which are the same for everybody."""
    yield from (condition.uuid for condition in CONDITIONS)
    yield from settings.category_map.values()
    yield from _UUID.findall(json.dumps(find_kept(snapshot, CATEGORIES)))


def _of_settings(settings: Settings) -> Iterator[Known]:
    for name, info in SETTINGS.items():
        value = getattr(settings, name)
        if info.secret and isinstance(value, Secret):
            yield from _secret(value.reveal(), LEAST_SECRET)


def _of_environ(environ: Mapping[str, str]) -> Iterator[Known]:
    for name, value in environ.items():
        if name in _WHERE:
            continue
        if _SECRET_NAME.search(name) and "://" not in value and not value.startswith(("/", "./", "~")):
            yield from _secret(value, LEAST_SECRET if name.startswith("REVERB_") else LEAST_OTHER_SECRET)
        if "://" in value:
            yield from _of_address(value)


def _of_address(address: str) -> Iterator[Known]:
    """Whoever an address logs in as."""
    with suppress(ValueError):
        parts = urlsplit(address)
        yield from _secret(unquote(parts.password or ""), LEAST_SECRET)
        user = unquote(parts.username or "")
        if parts.password is None:
            yield from _secret(user, LEAST_OTHER_SECRET)  # such as a key before the @ of a DSN
        elif user.lower() not in NO_PERSON:
            yield Known("user", user)


def _saved_secrets(snapshot: Snapshot) -> Iterator[Known]:
    for name, value in find_saved_settings(snapshot).items():
        if is_secret_setting(name):
            yield from _secret(value, LEAST_SECRET)


def is_secret_setting(name: str) -> bool:
    """Whether a setting's value is never shown; one of another version is judged by its name."""
    return SETTINGS[name].secret if name in SETTINGS else find_kind(name, of_person=False) is not None


def _secret(value: str, least: int) -> Iterator[Known]:
    if len(value.strip()) >= least and value.lower() not in WORDS:
        yield Known("secret", value.strip(), is_secret=True)


def _of_machine(environ: Mapping[str, str]) -> Iterator[Known]:
    users = {environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    with suppress(OSError, KeyError, ImportError):
        users.add(getpass.getuser())
    for home in (environ.get("HOME"), environ.get("USERPROFILE")):
        users.add(re.split(r"[\\/]", home.rstrip("\\/"))[-1] if home else "")
    with suppress(OSError, RuntimeError, KeyError):
        users.add(Path.home().name)
    yield from (Known("user", user) for user in sorted(users) if _is_own(user))
    with suppress(OSError):
        host = socket.gethostname()
        yield from (Known("host", name) for name in dict.fromkeys((host, host.partition(".")[0])) if _is_own(name))


def _is_own(name: str) -> bool:
    return len(name) > 2 and name.lower() not in NO_PERSON and name.lower() not in WORDS  # noqa: PLR2004


def _of_buyers(snapshot: Snapshot) -> Iterator[Known]:
    columns = ["buyer_name", "ship_to", "tracking_number"]
    for name, place, number in snapshot.values("orders", columns, MOST_ORDERS):
        yield from _text("name", name, in_parts=True)
        if isinstance(name, str) and len(words := name.split()) > 1:
            yield from _text("name", " ".join([words[-1], *words[:-1]]))
        yield from _text("address", place, in_parts=True)
        yield from _text("tracking", number)
    for (number,) in snapshot.values("shipments", ["tracking_number"], MOST_ORDERS):
        yield from _text("tracking", number)


def _text(kind: str, value: object, *, in_parts: bool = False) -> Iterator[Known]:
    if isinstance(value, str) and len(value.strip()) > 2:  # noqa: PLR2004 - initials and codes of countries
        value = value.strip()
        for text in dict.fromkeys((value, value.translate(_WRITTEN_OUT))):
            yield Known(kind, text, in_parts=in_parts)


def find_saved_settings(snapshot: Snapshot | None) -> Mapping[str, str]:
    """The settings that a person has entered, as texts; none where they cannot be read."""
    rows = snapshot.values("settings", ["name", "value"], MOST_SETTINGS) if snapshot is not None else ()
    return {name: value for name, value in rows if isinstance(name, str) and isinstance(value, str)}


def find_kept(snapshot: Snapshot | None, wanted: str) -> Any:
    """What was kept under this name, newest first of all environments; None when there is nothing that can be read."""
    for name, content in snapshot.values("cache", ["name", "content"], MOST_KEPT) if snapshot is not None else ():
        if name == wanted and isinstance(content, str):
            with suppress(ValueError, RecursionError):
                return json.loads(content)
    return None
