"""Networks: blocks of addresses for private use and for documentation in CIDR notation, and addresses in them."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, hexadecimal, letters, one
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool

_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")


@cache
def _private_fronts() -> Pool:
    """The first two octets of every private address, 10.0.0.0/8 as often as it is large; the rest far rarer."""
    return Pool([*(f"10.{each}" for each in range(256)), *(f"172.{each}" for each in range(16, 32)), "192.168"])


def _is_private(value: Any) -> bool:
    from ipaddress import IPv4Address, IPv4Network

    blocks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    return any(IPv4Address(value) in IPv4Network(block) for block in blocks)


@generator(
    "internet.ipv4_private",
    source="RFC 1918: 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16",
    holds=_is_private,
    capacity=273 * 256 * 254,
)
def ipv4_private(draws: AnyDraws) -> Column:
    """An address of a private network, its last octet neither 0 nor 255."""
    third, last = entry(draws.lane(1), counted(0, 255)), entry(draws.lane(2), counted(1, 254))
    return values.join(entry(draws.lane(0), _private_fronts()), ".", third, ".", last)


@cache
def _networks(low: int, high: int) -> Pool:
    """Every network of RFC 5737 with a prefix of `low` to `high` bits."""
    from ipaddress import IPv4Network

    blocks = (IPv4Network(f"{front}.0/24") for front in _DOCUMENTATION)
    return Pool(
        [str(net) for block in blocks for bits in range(low, high + 1) for net in block.subnets(new_prefix=bits)]
    )


@generator(
    "internet.ipv4_network",
    options=(Option("prefix", "integer", None, "How many bits are fixed; 24 to 30 where not given.", low=24, high=32),),
    source="RFC 4632 (CIDR); RFC 5737: TEST-NET-1, -2 and -3, for documentation only",
    holds=lambda value, prefix: value in _networks(prefix or 24, prefix or 30).lines,
    capacity=lambda prefix: len(_networks(prefix or 24, prefix or 30)),
)
def ipv4_network(draws: AnyDraws, *, prefix: int | None) -> Column:
    """A block of IPv4 addresses that no route leads to, in CIDR notation."""
    return one(draws.lane(0), _networks(prefix or 24, prefix or 30))


def _is_ipv6_network(value: Any) -> bool:
    from ipaddress import IPv6Network

    network = IPv6Network(value)
    return str(network) == value and network.prefixlen == 64 and network.subnet_of(IPv6Network("2001:db8::/32"))


@generator(
    "internet.ipv6_network",
    source="RFC 3849: 2001:db8::/32, for documentation only; RFC 4291: 64 bits of network",
    holds=_is_ipv6_network,
    capacity=1 << 30,
)
def ipv6_network(draws: AnyDraws) -> Column:
    """A block of IPv6 addresses that no route leads to, in CIDR notation; its two free groups have four digits."""
    lots = (draws.lane(0), draws.lane(1))
    heads = [letters(lot, "89abcdef", 1) for lot in lots]
    rests = [hexadecimal(lot.lane(0), 3) for lot in lots]
    glyphs = values.beside(heads[0], rests[0], heads[1], rests[1])
    return values.filled("2001:db8:####:####::/64", glyphs)


_PRIVATE_ASN, _FEW_ASN = (4_200_000_000, 94_967_295), (64_496, 16)


@generator(
    "internet.asn",
    options=(
        Option(
            "bits", "choice", "16", "Size of the number: 16 (documentation) or 32 (private use).", choices=("16", "32")
        ),
    ),
    source="RFC 5398: AS64496 to AS64511, for documentation only; RFC 6996: AS4200000000 to AS4294967294, private use",
    holds=lambda value, bits: (
        value.startswith("AS") and 0 <= int(value[2:]) - _asn_block(bits)[0] < _asn_block(bits)[1]
    ),
    capacity=lambda bits: _asn_block(bits)[1],
)
def asn(draws: AnyDraws, *, bits: str) -> Column:
    """The number of an autonomous system that announces nothing to the world."""
    first, size = _asn_block(bits)
    return values.join("AS", values.padded(first + draws.lane(0).below(size), len(str(first))))


def _asn_block(bits: str) -> tuple[int, int]:
    return _FEW_ASN if bits == "16" else _PRIVATE_ASN
