"""Securities and chains: identifiers with right check digits, of ranges that nobody issues; addresses nobody owns."""

from __future__ import annotations

from hotfixture.generators import checks, lanes
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

_ISINS = {"ZZ": "ZZ#########=", "US": "US99#######=", "XS": "XS000######="}
isin = coded(
    "finance.isin",
    _ISINS,
    option=variant("prefix", _ISINS, "ZZ", "Two letters in front; ZZ is no country's."),
    check=checks.isin,
    valid=checks.is_isin,
    doc="An ISIN with its check digit, of a range in which none is issued.",
    source="ISO 6166; ZZ is user-assigned in ISO 3166-1, CUSIPs from 99 on are left to users; XS000 is our choice",
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
cusip = coded(
    "finance.cusip",
    "99#{letter}##{either}{either}=",
    slots={"letter": _LETTERS, "either": f"0123456789{_LETTERS}"},
    check=checks.cusip,
    valid=checks.is_cusip,
    doc="A CUSIP with its check digit, of the range that is left to users.",
    source="ANSI X9.6; issuers 990 to 99Z are reserved for users' own identifiers",
)
sedol = coded(
    "finance.sedol",
    "9#####=",
    check=checks.sedol,
    valid=checks.is_sedol,
    doc="A SEDOL with its check digit, of the range that is left to users.",
    source="London Stock Exchange, SEDOL Masterfile: numbers that begin with 9 are reserved for users",
)
lei = coded(
    "finance.lei",
    "000000************==",
    check=checks.mod_97,
    valid=checks.is_mod_97,
    doc="A legal entity identifier with its check digits, of an issuer that does not exist.",
    source="ISO 17442-1: four places of the issuer, 00, twelve places, two check digits of ISO 7064 MOD 97-10; "
    "no issuer is 0000",
)
_TICKERS = {"3": "ZZ?", "4": "ZZ??", "5": "ZZ???"}
ticker = coded(
    "finance.ticker",
    _TICKERS,
    option=variant("length", _TICKERS, "4", "How many letters."),
    doc="The symbol of a share; it begins with ZZ, a real one may exist by chance.",
    source="capital letters, as exchanges of the United States use; the prefix is our own choice",
)
stock_sector = vocabulary("finance.stock_sector", "finance/stock_sector", doc="The sector of a share.")
stock_industry = vocabulary("finance.stock_industry", "finance/stock_industry", doc="The industry of a share.")
share_price = quantity(
    "finance.share_price", 0.5, 950.0, digits=2, least=0, most=1_000_000, doc="The price of a share, in its currency."
)
market_cap = quantity(
    "finance.market_cap", 5_000_000, 2_500_000_000_000, least=0, doc="What all shares of a company cost."
)
EXCHANGES = Records(
    "finance/exchanges",
    lane=lanes.own("finance.exchanges"),
    source="ISO 10383, market identifier codes",
    by=("country",),
)
stock_exchange = EXCHANGES.column("finance.stock_exchange", "exchange", doc="The name of a stock exchange.")
mic = EXCHANGES.column("finance.mic", "mic", doc="The market identifier code of a stock exchange.")

COINS = Records(
    "finance/cryptocurrencies",
    lane=lanes.own("finance.coins"),
    source="common symbols of cryptocurrencies, our own list",
)
cryptocurrency = COINS.column("finance.cryptocurrency", "cryptocurrency", doc="The name of a cryptocurrency.")
cryptocurrency_code = COINS.column("finance.cryptocurrency_code", "symbol", doc="The symbol of a cryptocurrency.")
cryptocurrency_record = COINS.record(
    "finance.cryptocurrency_record", "cryptocurrency symbol", doc="A cryptocurrency: name and symbol, which agree."
)

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
bitcoin_address = coded(
    "finance.bitcoin_address",
    "bcrt1q" + "{sign}" * 38,
    slots={"sign": _BECH32},
    doc="A Bitcoin address in the form of a local test network (regtest); its check characters are random.",
    source="BIP 173: the prefix bcrt marks regtest, where coins are worth nothing",
)
litecoin_address = coded(
    "finance.litecoin_address",
    "rltc1q" + "{sign}" * 38,
    slots={"sign": _BECH32},
    doc="A Litecoin address in the form of a local test network (regtest); its check characters are random.",
    source="BIP 173; the prefix rltc marks Litecoin's regtest, where coins are worth nothing",
)
ethereum_address = coded(
    "finance.ethereum_address",
    "0xdead" + "~" * 36,
    doc="An Ethereum address that begins with dead and to which nobody has a key.",
    source="20 bytes in hexadecimal; in small letters no checksum (EIP-55) is claimed",
)
transaction_hash = coded(
    "finance.transaction_hash",
    "0x" + "~" * 64,
    doc="The hash of a transaction on a chain.",
    source="32 bytes in hexadecimal, without meaning",
)
