"""One Django for all tests: a process can have only one. It is the shop of examples/, on a database without waiting."""

import tempfile
from pathlib import Path

from examples.oscar_shop.settings import *  # noqa: F403
from examples.oscar_shop.settings import DATABASES

DEBUG = False
LOGGING_CONFIG = None
ALLOWED_HOSTS = ["*"]
FOLDER = Path(tempfile.gettempdir())
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["NAME"] = ":memory:"  # each test names its own
DATABASES["default"]["OPTIONS"] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL;",
}

# A second shop in the same Django: Salesman sells what the shop itself brings.
INSTALLED_APPS += [  # noqa: F405
    "rest_framework",
    "salesman.core",
    "salesman.basket",
    "salesman.checkout",
    "salesman.orders",
    "tests.salesman.gear",
    "reverb_plugin.hosts.salesman",
]
SALESMAN_PRODUCT_TYPES = {
    "gear.Guitar": "tests.salesman.gear.serializers.GuitarSerializer",
    "gear.Pedal": "tests.salesman.gear.serializers.PedalSerializer",
}

REVERB_PLUGIN = None  # each test makes its own
