"""Where webhooks may go: the refusals, one by one."""

import socket

import pytest

from notifications.errors import AddressRefused
from notifications.services import addresses
from notifications.services.addresses import check_url, is_public, read_address


@pytest.fixture
def names(monkeypatch):
    """A name server: what each host leads to; every other one is unknown."""
    known = {"hooks.example.com": ["93.184.215.14"]}

    def look_up(host, port, **kwargs):
        found = known.get(host)
        if found is None:
            try:
                return real(host, port, flags=socket.AI_NUMERICHOST, **kwargs)
            except socket.gaierror:
                raise socket.gaierror("unknown")
        return [(0, 0, 0, "", (address, port)) for address in found]

    real = socket.getaddrinfo
    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/in",
        "http://hooks.example.com:8080/in?a=b&c=%20",
        "https://HOOKS.example.com./",
        "https://nobody-knows-this.example/",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
def test_a_public_address_is_taken(names, url):
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "https:///path",
        "https://asha:secret@hooks.example.com/",
        "https://asha@hooks.example.com/",
        "https://@hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:6379/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:abc/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: x",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/ä",
        "https://[::1/",
        "https://hooks.example.com/" + "a" * 500,
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_what_is_no_public_address_is_refused(names, url):
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["10.1.2.3"], ["93.184.215.14", "192.168.0.1"], ["fe80::1%eth0"]]
)
def test_a_name_that_leads_inside_is_refused(names, found):
    names["inside.example"] = found
    with pytest.raises(AddressRefused):
        check_url("https://inside.example/")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "nonsense",
    ],
)
def test_an_address_that_not_everybody_reaches_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"])
def test_an_address_on_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        (["127.0.0.1"], "http://127.0.0.1:9999/"),
        (["127.0.0.1:9999"], "http://127.0.0.1:9999/"),
        (["::1"], "http://[::1]:9999/"),
        (["Intranet"], "http://intranet:8000/in"),
    ],
)
def test_an_address_that_the_operator_trusts_is_taken(settings, names, allowed, url):
    names["intranet"] = ["10.0.0.7"]
    with pytest.raises(AddressRefused):
        check_url(url)
    settings.WEBHOOK_ALLOWED_HOSTS = allowed
    check_url(url)


def test_trust_in_one_port_is_none_in_another(settings, names):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1:9999"]
    with pytest.raises(AddressRefused):
        check_url("http://127.0.0.1:8080/")


def test_where_https_is_asked_for_http_is_refused(settings, names):
    settings.WEBHOOK_HTTPS_ONLY = True
    with pytest.raises(AddressRefused):
        check_url("http://hooks.example.com/")
    check_url("https://hooks.example.com/")


def test_a_fragment_is_not_sent():
    assert read_address("https://hooks.example.com/in?a=b#c").path == "/in?a=b"
