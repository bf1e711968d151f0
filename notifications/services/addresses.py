"""Which addresses webhooks go to: public ones, and those that the shop's operator trusts.

A name is resolved here, once, and the connection goes to what was found and judged: a name that
leads elsewhere a moment later changes nothing.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from ..errors import AddressRefused

PORTS = (80, 443, 8080, 8443)
MAX_LENGTH = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Of IPv6 only what is given out to the internet: this leaves out mapped, compatible, translated
# and local addresses.
_GIVEN_OUT = ip_network("2000::/3")
# Teredo and 6to4, which carry an IPv4 address inside, 6to4's relays, and what not every release
# of Python knows to be special.
_LEFT_OUT = [
    ip_network(text)
    for text in ("2001::/32", "2002::/16", "192.88.99.0/24", "192.0.0.0/24", "3fff::/20")
]


@dataclass(frozen=True)
class Address:
    """The parts of an address that a webhook may name."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def is_trusted(self) -> bool:
        """Tell whether the operator lets webhooks go there, whatever it is."""
        allowed = {name.strip().lower() for name in settings.WEBHOOK_ALLOWED_HOSTS}
        return bool(allowed & {self.host, f"{self.host}:{self.port}"})


def read_address(url: str) -> Address:
    """Take an address apart, or raise AddressRefused; nothing is looked up."""
    if len(url) > MAX_LENGTH or not re.fullmatch(r"[!-\[\]-~]+", url):
        raise AddressRefused("Write an address of at most 500 characters, without spaces.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused("This is no address of the web.")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise AddressRefused("Write an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("An address holds no user and no password: check the signature.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_secure = parts.scheme == "https"
    address = Address(is_secure, host, port or _DEFAULT_PORTS[parts.scheme], path)
    if not address.is_trusted:
        _refuse_unusual(address)
    return address


def resolve(address: Address) -> list[str]:
    """Return the IP addresses of a host, or raise AddressRefused where one of them is private.

    Raises OSError where the name is not known.
    """
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not address.is_trusted and not all(is_public(each) for each in addresses):
        raise AddressRefused("The host leads to a private address.")
    return addresses


def check_url(url: str) -> None:
    """Raise AddressRefused for an address that no webhook would be sent to.

    A name that nobody knows today is taken: it is looked up again at each try.
    """
    address = read_address(url)
    try:
        resolve(address)
    except (OSError, UnicodeError):
        return


def is_public(text: str) -> bool:
    """Tell whether an IP address is one that everybody on the internet reaches."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if any(address in network for network in _LEFT_OUT) or not address.is_global:
        return False
    if isinstance(address, IPv6Address):
        return address in _GIVEN_OUT and address.scope_id is None
    return not (address.is_multicast or address.is_reserved)


def _refuse_unusual(address: Address) -> None:
    if settings.WEBHOOK_HTTPS_ONLY and not address.is_secure:
        raise AddressRefused("Write an address that begins with https://.")
    if address.port not in PORTS:
        raise AddressRefused(f"Webhooks go to the ports {', '.join(map(str, PORTS))} alone.")
