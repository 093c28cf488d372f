"""The system's Chromium: Playwright's own browser is not downloaded."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium():
    """Where it is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright):
    """Starts it without a window."""
    # Root may not use Chromium's own sandbox; /dev/shm is small in containers.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
