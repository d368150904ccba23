"""Telecommunications: numbers of devices and subscribers of test ranges, invented carriers, calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hotfixture.generators import checks, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.compounds import compound
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.options import Option
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import together
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

imei = coded(
    "telecom.imei",
    "001###########=",
    check=checks.luhn,
    valid=checks.is_luhn,
    doc="The identity of a mobile device, with its check digit, of the range of test devices.",
    source="3GPP TS 23.003, 6.2.1; GSMA TS.06: type allocation codes of test devices begin with 00",
)
imeisv = coded(
    "telecom.imeisv",
    "001#############",
    doc="The identity of a mobile device and the version of its software, of the range of test devices.",
    source="3GPP TS 23.003, 6.2.2: fourteen digits and two of the version, no check digit",
)
_ICCIDS = {"19": "89999#############=", "20": "89999##############="}
iccid = coded(
    "telecom.iccid",
    _ICCIDS,
    option=variant("digits", _ICCIDS, "19", "How many digits, the check digit among them."),
    check=checks.luhn,
    valid=checks.is_luhn,
    doc="The number of a SIM card, with its check digit; country 999 is nobody.",
    source="ITU-T E.118: 89, country, issuer, account, check digit of Luhn; E.164 keeps the country code 999 free",
)
imsi = coded(
    "telecom.imsi",
    "00101##########",
    doc="The identity of a subscriber in the network for tests.",
    source="ITU-T E.212: 15 digits; country 001, network 01 is the test network",
)
eid = coded(
    "telecom.eid",
    "89999#########################==",
    check=checks.mod_97,
    valid=checks.is_mod_97,
    doc="The number of an embedded SIM, with its check digits; country 999 is nobody.",
    source="GSMA SGP.29: 32 digits that leave 1 when divided by 97",
)
puk = coded("telecom.puk", "########", doc="The code that unblocks a SIM card.", source="ETSI TS 102 221: eight digits")
pin = coded(
    "telecom.pin", "####", doc="The four-digit code of a SIM card.", source="ETSI TS 102 221: four to eight digits"
)

_AREAS = (
    "201", "202", "212", "213", "214", "215", "303", "305", "312", "313", "404", "415", "503", "512", "602", "617",
    "702", "713", "808", "907",
)  # fmt: skip
_AUSTRALIA = (
    "70006", "70110", "70156", "70157", "70158", "70159", "70313", "70737", "71266", "71491", "71804", "72549", "72665",
    "72983", "73087", "73770", "74118", "74632", "75254", "75789", "76398", "76801", "77426", "77644", "78148", "78888",
    "78957", "79212", "79455", "79760",
)  # fmt: skip
MSISDNS: Mapping[str, str] = {
    "US": "+1{area}55501##",
    "GB": "+447700900###",
    "DE": "+4917139200##",
    "FR": "+3363998####",
    "IE": "+3532091#####",
    "SE": "+467017406{sweden}",
    "AU": "+614915{australia}",
    "none": "+999##########",
}
msisdn = coded(
    "telecom.msisdn",
    MSISDNS,
    option=variant("country", MSISDNS, "US", "Country of the number; none: the country code 999, which is free."),
    slots={
        "area": _AREAS,
        "sweden": tuple(f"{number:02d}" for number in range(5, 100)),
        "australia": _AUSTRALIA,
    },
    doc="The number of a mobile subscriber in international form, of a range that is kept for fiction.",
    source="ITU-T E.164; ranges for fiction: ATIS-0300115 (US), Ofcom (GB), Bundesnetzagentur (DE), ARCEP (FR), "
    "ComReg (IE), PTS (SE), ACMA (AU)",
)
plmn = enumeration(
    "telecom.plmn",
    lambda: ["001-01", "001-001", *(f"999-{network:02d}" for network in range(100))],
    doc="The code of a network: that of tests, or one for private use.",
    source="ITU-T E.212: country 001 is for tests, country 999 for internal use",
)

mobile_carrier = compound(
    "telecom.mobile_carrier",
    ("telecom/carrier_name", "telecom/carrier_kind"),
    doc="An invented network operator.",
    source="invented names and usual words of operators, our own lists; a real one may bear such a name by chance",
)
_SHARES = "our own shares"
network_type = weighted_vocabulary(
    "telecom.network_type", "telecom/network_type", doc="The radio technology of a cell.", source=_SHARES
)
connection_type = weighted_vocabulary(
    "telecom.connection_type", "telecom/connection_type", doc="How a household is connected.", source=_SHARES
)
sms_status = weighted_vocabulary(
    "telecom.sms_status", "telecom/sms_status", doc="What became of a text message.", source=_SHARES
)
call_result = weighted_vocabulary("telecom.call_result", "telecom/call_result", doc="How a call ended.", source=_SHARES)
call_direction = weighted_vocabulary(
    "telecom.call_direction", "telecom/call_direction", doc="Incoming or outgoing.", source=_SHARES
)
call_type = weighted_vocabulary("telecom.call_type", "telecom/call_type", doc="Where a call leads.", source=_SHARES)
subscriber_status = weighted_vocabulary(
    "telecom.subscriber_status", "telecom/subscriber_status", doc="The state of a subscription.", source=_SHARES
)
sim_type = weighted_vocabulary("telecom.sim_type", "telecom/sim_type", doc="The form of a SIM.", source=_SHARES)
plan = vocabulary("telecom.plan", "telecom/plan", doc="The plan of a subscriber.")
apn = vocabulary(
    "telecom.apn",
    "telecom/apn",
    doc="The name of an access point, under a reserved domain.",
    source="RFC 2606 for .example",
)
telecom_feature = vocabulary("telecom.telecom_feature", "telecom/phone_feature", doc="A feature of a subscription.")
telecom_fault = vocabulary("telecom.telecom_fault", "telecom/fault", doc="What a customer complains about.")

cell_id = quantity(
    "telecom.cell_id", 1, (1 << 28) - 1, least=0, most=(1 << 36) - 1, doc="The identity of a cell (LTE: 28 bits).",
    source="3GPP TS 23.003, 19.6",
)  # fmt: skip
location_area = quantity(
    "telecom.location_area", 1, 65_533, least=0, most=(1 << 24) - 1, doc="A location or tracking area code.",
    source="3GPP TS 23.003, 4.1: 16 bits; 0 and 65534 are reserved",
)  # fmt: skip
signal_strength = quantity(
    "telecom.signal_strength", -113, -51, bell=True, least=-160, most=0, doc="The strength of a signal in dBm."
)
signal_quality = quantity(
    "telecom.signal_quality", 0, 31, least=0, most=31, doc="The quality of a signal (CSQ), 0 to 31."
)
call_duration = quantity(
    "telecom.call_duration", 1, 3_600, least=0, most=86_400, doc="How long a call lasts, in seconds."
)
data_usage = quantity(
    "telecom.data_usage", 0.0, 51_200.0, digits=1, least=0, most=10_000_000, doc="Data used in a month, in MB."
)
download_speed = quantity(
    "telecom.download_speed", 1.0, 1_000.0, digits=1, least=0, most=1_000_000, doc="Speed to the customer, in Mbit/s."
)
latency = quantity("telecom.latency", 4, 250, least=0, most=60_000, doc="The time of a round trip, in milliseconds.")

sim_card = together(
    "telecom.sim_card",
    {
        "iccid": iccid,
        "imsi": imsi,
        "msisdn": msisdn,
        "imei": imei,
        "sim_type": sim_type,
        "carrier": mobile_carrier,
        "plan": plan,
        "status": subscriber_status,
    },
    doc="A SIM card: its numbers, the device it is in, carrier, plan and status.",
)

_TEXTS = ("caller", "callee", "direction", "type", "result", "carrier")
_NUMBERS = ("duration_s", "cell_id")
_TAKEN = ("answered", "voicemail")


def _call_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in _TEXTS]
    moments = [(name, pa.timestamp("us")) for name in ("started_at", "ended_at")]
    return pa.struct([*texts, *((name, pa.int64()) for name in _NUMBERS), *moments])


def _is_call(value: Mapping[str, Any], country: str, year: int) -> bool:
    """Whether who did not answer did not talk, and the call ends when it has lasted."""
    return (
        msisdn.holds(value["caller"], country=country)
        and msisdn.holds(value["callee"], country=country)
        and call_result.holds(value["result"])
        and value["started_at"].year == year
        and (value["duration_s"] > 0) == (value["result"] in _TAKEN)
        and (value["ended_at"] - value["started_at"]).total_seconds() == value["duration_s"]
    )


@generator(
    "telecom.call_record",
    type=_call_type,
    options=(Option("country", "choice", "US", "Country of both numbers.", choices=tuple(MSISDNS)), YEAR),
    source="the generators of the single parts",
    holds=_is_call,
)
def call_record(draws: AnyDraws, *, country: str, year: int) -> Column:
    """A call: who called whom and when; a call that nobody answered lasts no time."""
    result = call_result(draws)
    seconds = _talked(result, call_duration(draws))
    first, available = span_of(year)
    start = first + draws.lane(lanes.own("telecom.call_start")).below(available)
    return values.record(
        {
            "caller": msisdn(draws, country=country),
            "callee": msisdn(draws.lane(lanes.own("telecom.callee")), country=country),
            "direction": call_direction(draws),
            "type": call_type(draws),
            "result": result,
            "carrier": mobile_carrier(draws),
            "duration_s": seconds,
            "cell_id": cell_id(draws),
            "started_at": at_second(start),
            "ended_at": at_second(start + seconds),
        }
    )


def _talked(result: Column, duration: Column) -> Column:
    """The durations of calls that were taken, 0 for the others."""
    if isinstance(result, str):
        return duration if result in _TAKEN else 0
    import pyarrow as pa
    import pyarrow.compute as pc

    return duration.to_numpy() * pc.is_in(result, pa.array(_TAKEN)).to_numpy(zero_copy_only=False)
