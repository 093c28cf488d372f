"""Addresses of the network: which lead to this machine itself."""

import ipaddress


def is_loopback(host: str) -> bool:
    """The name or address means this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
