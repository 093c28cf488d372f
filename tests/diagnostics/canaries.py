"""Canaries: secrets and people's data, planted everywhere in an installation, in every encoding, to be looked for."""

import base64
import gzip
import html
import json
import random
import re
import sqlite3
import string
from dataclasses import dataclass
from urllib.parse import quote

from reverb_plugin.store.schema import UtcTime, metadata

LOWER = string.ascii_lowercase
FIRST = ("Ottiwell", "Bryndolf", "Philippa", "Séraphine", "Wladimir", "Quintessa", "Hjördis", "Marguerite")
LAST = (
    "Zwetschkenbaum",
    "Vandersloot",
    "Quillfeather",
    "O'Shaughnessy",
    "Lindqvist-Aho",
    "Kowalczyk",
    "Ürkmez",
    "Abernathy",
)
STREETS = ("Plumtree Road", "Old Quarry Lane", "Wexcombe Street", "Harrowgate Avenue", "Tilbury Boulevard")
PHONES = ("+49 30 {}{}", "(512) {}-{}", "+1-512-{}-{}", "512.{}.{}", "512-{}-{}", "030/{}{}", "+44 20 {} {}")
TOWNS = ("Nether Wallop", "Xenia", "Oberammergau", "Poughkeepsie")


@dataclass(frozen=True)
class Canaries:
    """What one installation has to hide, each in its plain form."""

    token: str
    webhook_secret: str
    name: str
    place: str
    tracking: str
    email: str
    phone: str
    street: str
    user: str
    password: str

    @property
    def all(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def make_canaries(lot: random.Random) -> Canaries:
    def drawn(length: int, letters: str = string.ascii_letters + string.digits) -> str:
        return "".join(lot.choice(letters) for _ in range(length))

    first, last = lot.choice(FIRST), lot.choice(LAST)
    token = lot.choice(
        [drawn(64, "0123456789abcdef"), drawn(40), f"tok-{drawn(16, '0123456789abcdef')}", f"rv_{drawn(32)}"]
    )
    digits = "".join(lot.choice("23456789") for _ in range(7))
    return Canaries(
        token=token,
        webhook_secret=drawn(24) + "-1a",
        name=f"{first} {last}",
        place=f"{lot.choice(TOWNS)}, TX",
        tracking=f"1Z{drawn(16, string.ascii_uppercase + string.digits)}",
        email=f"{drawn(6, LOWER)}.{lot.randrange(100)}@{drawn(8, LOWER)}.example",
        phone=lot.choice(PHONES).format(digits[:3], digits[3:]),
        street=f"{lot.randrange(2, 9000)} {lot.choice(STREETS)}",
        user=f"{drawn(5, LOWER)}{lot.randrange(10, 99)}",
        password=drawn(12) + "!9",
    )


def spellings(value: str, lot: random.Random) -> dict[str, str]:
    """A value as it may stand in a text."""
    raw = value.encode()
    at = lot.randrange(4, max(5, len(value) - 3))
    pad = b"abc"[: lot.randrange(3)]
    return {
        "raw": value,
        "upper": value.upper(),
        "lower": value.lower(),
        "base64": base64.b64encode(raw).decode(),
        "base64 among others": base64.b64encode(pad + raw + b"xyz").decode(),
        "base64 for addresses": base64.urlsafe_b64encode(pad + raw).decode().rstrip("="),
        "hex": raw.hex(),
        "upper hex": raw.hex().upper(),
        "url": quote(value, safe=""),
        "url, all of it": "".join(f"%{byte:02X}" for byte in raw),
        "json": json.dumps(value),
        "json in json": json.dumps(json.dumps(value)),
        "unicode escapes": "".join(f"\\u{ord(letter):04x}" for letter in value),
        "hex escapes": "".join(f"\\x{byte:02x}" for byte in raw),
        "octal escapes": "".join(f"\\{byte:03o}" for byte in raw),
        "quoted-printable": "".join(f"={byte:02X}" for byte in raw),
        "quoted-printable over two lines": f"{value[:at]}=\n{value[at:]}",
        "hex in groups": " ".join(raw.hex()[place : place + 4] for place in range(0, len(raw.hex()), 4)),
        "list of bytes": str(list(raw)),
        "utf-16 taken for letters": value.encode("utf-16-le").decode("latin-1"),
        "utf-8 taken for letters": raw.decode("latin-1"),
        "packed": base64.b64encode(gzip.compress(raw, mtime=0)).decode(),
        "html": html.escape(value),
        "html, all of it": "".join(f"&#{ord(letter)};" for letter in value),
        "repr": repr(value),
        "over two lines": f"{value[:at]}\n{value[at:]}",
        "over two indented lines": f"{value[:at]}\n    {value[at:]}",
        "base64 over lines": base64.b64encode(raw).decode()[:10] + "\n" + base64.b64encode(raw).decode()[10:],
    }


CARRIERS = (
    "{}",
    "could not send {} to the shop",
    "SKU-{}-1",
    "Authorization: Bearer {}",
    "GET /api/listings?x={} failed",
    "X-Forwarded-User: {}\nCookie: a={}; b=2",
    'Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\n    raise ValueError({})\nValueError: {}',
    '{{"note": "{}", "n": 5}}',
    "see {}, please",
)


def carried(value: str, lot: random.Random) -> str:
    """A value in some spelling, in some text."""
    spelling = lot.choice(list(spellings(value, lot).values()))
    return lot.choice(CARRIERS).replace("{{", "{").replace("}}", "}").replace("{}", spelling)


def found_in(content: bytes, canaries: Canaries) -> list[str]:
    """Which canaries stand in ``content``, in any of the spellings; case and separators do not count."""
    text = content.decode("utf-8", "replace")
    squeezed = _squeeze(text)
    found = []
    for kind, value in canaries.all.items():
        for name, spelling in spellings(value, random.Random(1)).items():
            if spelling in text or (len(_squeeze(spelling)) >= 8 and _squeeze(spelling) in squeezed):
                found.append(f"{kind} as {name}")
        for shift in range(3):
            raw = base64.b64encode(bytes(shift) + value.encode()).decode().rstrip("=")[4:-1]
            if len(raw) >= 8 and raw in text:
                found.append(f"{kind} as base64 at {shift}")
    return found


def _squeeze(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def plant(path, canaries: Canaries, lot: random.Random, rows: int = 2) -> None:
    """Puts canaries into every text of every table of the database at ``path``."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        for table in metadata.tables.values():
            for number in range(rows):
                row = {column.name: _cell(column, table.name, canaries, lot, number) for column in table.columns}
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                database.execute(
                    f'INSERT OR REPLACE INTO "{table.name}" ({names}) VALUES ({marks})', list(row.values())
                )
        secrets = {
            "token": canaries.token,
            "webhook_secret": canaries.webhook_secret,
            "old_api_token": canaries.password,
        }
        for name, value in secrets.items():
            database.execute(
                "INSERT OR REPLACE INTO settings VALUES (?, ?, '2026-11-01T00:00:00.000000Z')", (name, value)
            )
    database.close()


def _cell(column, table, canaries: Canaries, lot: random.Random, number: int):
    place = f"{table}.{column.name}"
    own = {
        "orders.buyer_name": canaries.name,
        "orders.ship_to": canaries.place,
        "orders.tracking_number": canaries.tracking,
        "shipments.tracking_number": canaries.tracking,
        "exchanges.entry_id": number + 1,
    }
    if place in own or column.name == "environment":
        return own.get(place, "sandbox")
    if isinstance(column.type, UtcTime):
        return f"2026-11-{number % 28 + 1:02d}T10:00:00.000000Z"
    kind_of = column.type.python_type
    if kind_of in {int, bool, float}:
        return number + 1 if column.primary_key else number % 2
    text = _text(canaries, lot)
    if kind_of in {object, dict}:
        return json.dumps(lot.choice([{"note": text, text: [text, {"deep": text}]}, [text], text]))
    return f"{text} {number}" if column.primary_key or place == "orders.number" else text


def _text(canaries: Canaries, lot: random.Random) -> str:
    """A password that nobody knows is one by its label, and a user by the path alone."""
    kind, value = lot.choice(list(canaries.all.items()))
    if kind == "password":
        return f"password={value}"
    return f"see /home/{value}/x" if kind == "user" else carried(value, lot)
