"""REMOTE: Reverb's HTTP API in Reverb's own names. It asks and reads; it decides nothing.

Import the modules themselves; ``transport`` is the one that loads ``requests``.
"""
