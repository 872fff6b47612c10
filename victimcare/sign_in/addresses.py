"""Where a request came from, as far as tries are counted by it."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

# Whoever has one IPv6 address has all of its network.
IPV6_PREFIX = 64


def counted(request: HttpRequest) -> str:
    told: str = get_adapter(request).get_client_ip(request)
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return told
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:  # as a server that listens to both writes it
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return told
