"""Who a caller from the network is, for counting: an address is a person, an office or a village behind one."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network


def client_of(address: str | None) -> str:
    """What budgets are counted by: the IPv4 address, or the /64 that an IPv6 subscriber owns; "unknown" without an address."""
    text = (address or "").partition("%")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return text or "unknown"
    if not isinstance(found, IPv6Address):
        return text
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
