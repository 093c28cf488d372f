"""Keeps the plugin itself current: looks for newer releases, tells of them, and installs one when a person says so."""
