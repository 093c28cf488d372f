"""Makes bundles, and files that pretend to be bundles."""

import io
import json
import zipfile

MANIFEST = {
    "format": 1,
    "plugin": "0.1.0",
    "schema": "0004",
    "created_at": "2026-01-01T12:00:00Z",
    "environment": "sandbox",
    "api_url": "https://sandbox.reverb.com/api",
    "shop": "Guitars & Sons",
    "sku": None,
    "since": None,
    "entries": [],
}


def zipped(parts, compression=zipfile.ZIP_DEFLATED):
    """A zip of these parts: a list of pairs, or a dict; what is no bytes is written as JSON."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as made:
        for name, part in parts.items() if isinstance(parts, dict) else parts:
            made.writestr(name, part if isinstance(part, bytes) else json.dumps(part))
    return content.getvalue()


def bundle(path, parts=None, **manifest):
    """A bundle with these parts besides its manifest."""
    path.write_bytes(zipped({"manifest.json": MANIFEST | manifest} | (parts or {})))
    return path
