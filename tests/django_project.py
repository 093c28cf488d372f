"""Django, set up once for each process of the test run, before anything of the shop's is imported."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")

import django

django.setup()
