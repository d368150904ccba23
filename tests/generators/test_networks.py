"""Networks: blocks that no route leads to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network

import pytest
from tests.generators.agreement import agreed


def test_private_addresses_are_private():
    assert all(IPv4Address(value).is_private for value in agreed("ipv4_private"))


@pytest.mark.parametrize("prefix", [None, 24, 28, 32])
def test_blocks_lie_in_the_ranges_for_documentation(prefix):
    tests = [IPv4Network(f"{front}.0/24") for front in ("192.0.2", "198.51.100", "203.0.113")]
    for value in agreed("ipv4_network", prefix=prefix):
        network = IPv4Network(value)
        assert any(network.subnet_of(each) for each in tests)
        assert prefix in (None, network.prefixlen)


def test_blocks_of_the_new_protocol_too():
    assert all(IPv6Network(value).subnet_of(IPv6Network("2001:db8::/32")) for value in agreed("ipv6_network"))


def test_autonomous_systems_are_those_for_documentation_or_private_use():
    assert all(64_496 <= int(value[2:]) <= 64_511 for value in agreed("asn"))
    assert all(4_200_000_000 <= int(value[2:]) <= 4_294_967_294 for value in agreed("asn", bits="32"))
