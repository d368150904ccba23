"""Builds the tables of countries, regions and languages under data/places and data/people.

Run by hand with babel and phonenumbers installed, before a release only: once released a table never changes. Codes
are those of ISO 3166-1 (by the aliases of the Unicode CLDR), names of languages of the CLDR, calling codes of ITU-T
E.164 (by phonenumbers, Apache 2.0); continents and the codes of regions are our own lists.
"""

from __future__ import annotations

from babel import Locale
from babel.core import get_global
from build_locales import FIRST_LOCALES, LANGUAGES
from build_pools import DATA, OWN, manifest, write

CONTINENTS = {
    "Africa": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU "
    "MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    "Antarctica": "AQ BV GS HM TF",
    "Asia": "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM "
    "PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    "Europe": "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD "
    "ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
    "North America": "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM "
    "PR SV SX TC TT US VC VG VI",
    "Oceania": "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    "South America": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}
NO_PLAN = {"AQ": "672", "BV": "47", "GS": "500", "HM": "672", "PN": "64", "TF": "262", "UM": "1"}
"""Calling codes in use where phonenumbers has no plan of its own."""

REGIONS = {
    "en": "Alabama=AL Alaska=AK Arizona=AZ Arkansas=AR California=CA Colorado=CO Connecticut=CT Delaware=DE "
    "District of Columbia=DC Florida=FL Georgia=GA Hawaii=HI Idaho=ID Illinois=IL Indiana=IN Iowa=IA Kansas=KS "
    "Kentucky=KY Louisiana=LA Maine=ME Maryland=MD Massachusetts=MA Michigan=MI Minnesota=MN Mississippi=MS "
    "Missouri=MO Montana=MT Nebraska=NE Nevada=NV New Hampshire=NH New Jersey=NJ New Mexico=NM New York=NY "
    "North Carolina=NC North Dakota=ND Ohio=OH Oklahoma=OK Oregon=OR Pennsylvania=PA Rhode Island=RI "
    "South Carolina=SC South Dakota=SD Tennessee=TN Texas=TX Utah=UT Vermont=VT Virginia=VA Washington=WA "
    "West Virginia=WV Wisconsin=WI Wyoming=WY",
    "de": "Baden-Württemberg=BW Bayern=BY Berlin=BE Brandenburg=BB Bremen=HB Hamburg=HH Hessen=HE "
    "Mecklenburg-Vorpommern=MV Niedersachsen=NI Nordrhein-Westfalen=NW Rheinland-Pfalz=RP Saarland=SL Sachsen=SN "
    "Sachsen-Anhalt=ST Schleswig-Holstein=SH Thüringen=TH",
    "pt_BR": "Acre=AC Alagoas=AL Amapá=AP Amazonas=AM Bahia=BA Ceará=CE Distrito Federal=DF Espírito Santo=ES "
    "Goiás=GO Maranhão=MA Mato Grosso=MT Mato Grosso do Sul=MS Minas Gerais=MG Pará=PA Paraíba=PB Paraná=PR "
    "Pernambuco=PE Piauí=PI Rio de Janeiro=RJ Rio Grande do Norte=RN Rio Grande do Sul=RS Rondônia=RO Roraima=RR "
    "Santa Catarina=SC São Paulo=SP Sergipe=SE Tocantins=TO",
    "en_CA": "Alberta=AB British Columbia=BC Manitoba=MB New Brunswick=NB Newfoundland and Labrador=NL "
    "Nova Scotia=NS Ontario=ON Prince Edward Island=PE Quebec=QC Saskatchewan=SK Yukon=YT",
    "fr_CA": "Québec=QC Nouveau-Brunswick=NB Ontario=ON",
    "en_AU": "New South Wales=NSW Victoria=VIC Queensland=QLD Western Australia=WA South Australia=SA Tasmania=TAS "
    "Australian Capital Territory=ACT Northern Territory=NT",
    "de_AT": "Wien=9 Steiermark=6 Oberösterreich=4 Salzburg=5 Tirol=7 Kärnten=2 Niederösterreich=3 Vorarlberg=8 "
    "Burgenland=1",
    "de_CH": "Zürich=ZH Genf=GE Basel-Stadt=BS Bern=BE Waadt=VD Luzern=LU St. Gallen=SG Tessin=TI Freiburg=FR "
    "Schaffhausen=SH Graubünden=GR Zug=ZG Wallis=VS Neuenburg=NE Aargau=AG Solothurn=SO Thurgau=TG",
    "es_MX": "Ciudad de México=CMX Jalisco=JAL Nuevo León=NLE Puebla=PUE Baja California=BCN Guanajuato=GUA "
    "Chihuahua=CHH Yucatán=YUC Querétaro=QUE San Luis Potosí=SLP Aguascalientes=AGU Sonora=SON Coahuila=COA "
    "Sinaloa=SIN Michoacán=MIC Veracruz=VER Oaxaca=OAX Quintana Roo=ROO Estado de México=MEX Guerrero=GRO Tabasco=TAB",
}
"""ISO 3166-2, behind the country and the hyphen, by the names in the tables of cities."""

ZONES = {
    "en": "America/Chicago=Alabama Arkansas Illinois Iowa Kansas Louisiana Minnesota Mississippi Missouri Nebraska "
    "North_Dakota Oklahoma South_Dakota Tennessee Texas Wisconsin America/Denver=Colorado Montana New_Mexico Utah "
    "Wyoming El_Paso America/Los_Angeles=California Nevada Oregon Washington America/Phoenix=Arizona "
    "America/Boise=Idaho America/Detroit=Michigan America/Indiana/Indianapolis=Indiana "
    "America/Kentucky/Louisville=Louisville America/Anchorage=Alaska Pacific/Honolulu=Hawaii",
    "en_CA": "America/Vancouver=British_Columbia America/Edmonton=Alberta America/Winnipeg=Manitoba "
    "America/Regina=Saskatchewan America/Halifax=Nova_Scotia Prince_Edward_Island America/Moncton=New_Brunswick "
    "America/St_Johns=Newfoundland_and_Labrador America/Whitehorse=Yukon",
    "fr_CA": "America/Moncton=Nouveau-Brunswick",
    "en_AU": "Australia/Melbourne=Victoria Australia/Brisbane=Queensland Australia/Perth=Western_Australia "
    "Australia/Adelaide=South_Australia Australia/Hobart=Tasmania Australia/Darwin=Northern_Territory",
    "es": "Atlantic/Canary=Canarias",
    "es_MX": "America/Tijuana=Baja_California America/Ciudad_Juarez=Ciudad_Juárez America/Chihuahua=Chihuahua "
    "America/Hermosillo=Sonora America/Mazatlan=Sinaloa America/Monterrey=Nuevo_León Coahuila "
    "America/Merida=Yucatán America/Cancun=Quintana_Roo",
    "pt_BR": "America/Rio_Branco=Acre America/Maceio=Alagoas Sergipe America/Belem=Amapá Pará America/Manaus=Amazonas "
    "America/Bahia=Bahia America/Fortaleza=Ceará Maranhão Paraíba Piauí Rio_Grande_do_Norte America/Cuiaba=Mato_Grosso "
    "America/Campo_Grande=Mato_Grosso_do_Sul America/Recife=Pernambuco America/Porto_Velho=Rondônia "
    "America/Boa_Vista=Roraima America/Araguaina=Tocantins",
    "pt_PT": "Atlantic/Madeira=Madeira Atlantic/Azores=Açores",
    "id": "Asia/Pontianak=Kalimantan_Barat Asia/Makassar=Sulawesi_Selatan Bali Kalimantan_Selatan Kalimantan_Timur "
    "Sulawesi_Utara Nusa_Tenggara_Barat Asia/Jayapura=Maluku Papua",
    "ru": "Europe/Kaliningrad=Калининградская_область Europe/Samara=Самарская_область Удмуртская_Республика "
    "Europe/Saratov=Саратовская_область Europe/Ulyanovsk=Ульяновская_область Europe/Astrakhan=Астраханская_область "
    "Europe/Volgograd=Волгоградская_область Europe/Kirov=Кировская_область "
    "Asia/Yekaterinburg=Свердловская_область Челябинская_область Республика_Башкортостан Пермский_край "
    "Тюменская_область Оренбургская_область Ханты-Мансийский_автономный_округ Asia/Omsk=Омская_область "
    "Asia/Novosibirsk=Новосибирская_область Asia/Barnaul=Алтайский_край Asia/Tomsk=Томская_область "
    "Asia/Novokuznetsk=Кемеровская_область Asia/Krasnoyarsk=Красноярский_край Asia/Irkutsk=Иркутская_область "
    "Республика_Бурятия Asia/Chita=Забайкальский_край Asia/Yakutsk=Республика_Саха_(Якутия) "
    "Asia/Vladivostok=Хабаровский_край Приморский_край",
}
"""Zones of the IANA Time Zone Database by region, or by city where a region has two; elsewhere the locale's own."""

TONGUES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja ka "
    "kk km kn ko ky lb lo lt lv mg mi mk ml mn mr ms mt my nb ne nl pa pl ps pt ro ru si sk sl so sq sr sv sw ta "
    "te th tl tr uk ur uz vi yo zh zu"
)


def pairs(text: str) -> dict[str, str]:
    """`New York=NY Ohio=OH` as a mapping."""
    import re

    return {name.strip(): code for name, code in re.findall(r"(\D+?)=(\w+)", text)}


def world() -> None:
    import phonenumbers

    aliases = get_global("territory_aliases")
    three = {two[0]: name for name, two in aliases.items() if len(name) == 3 and name.isalpha() and len(two) == 1}
    known = {code: continent for continent, codes in CONTINENTS.items() for code in codes.split()}
    rows = ["code\talpha3\tcalling\tcontinent"]
    for line in (DATA / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        code = line.partition("\t")[0]
        calling = phonenumbers.country_code_for_region(code) or NO_PLAN[code]
        rows.append(f"{code}\t{ALPHA3.get(code) or three[code]}\t+{calling}\t{known[code]}")
    write("places/countries.tsv", rows)


ALPHA3 = {"GB": "GBR", "FR": "FRA", "CD": "COD", "MM": "MMR", "TL": "TLS", "YE": "YEM", "DE": "DEU", "RO": "ROU"}
"""Where a withdrawn code of three letters points to the same country."""


def regions() -> None:
    for locale, text in REGIONS.items():
        codes = pairs(text)
        lines = (OWN / f"cities/{locale}.txt").read_text(encoding="utf-8").splitlines()
        write(f"{locale}/region_code.txt", [codes[line.split("|")[1]] for line in lines])


def zones() -> None:
    homes = dict(line.split("\t")[:: len(line.split("\t")) - 1] for line in _lines("locales.tsv"))
    for locale, text in ZONES.items():
        known, zone = {}, ""
        for word in text.split():
            first, _, rest = word.partition("=")
            zone, place = (first, rest) if rest else (zone, first)
            known[place.replace("_", " ")] = zone
        rows = [line.split("|") for line in _lines(f"cities/{locale}.txt")]
        unknown = set(known) - {name for row in rows for name in row[:2]}
        if unknown:
            raise SystemExit(f"{locale}: no such region or city: {unknown}")
        write(f"{locale}/zone.txt", [known.get(row[0]) or known.get(row[1]) or homes[locale] for row in rows])


def _lines(name: str) -> list[str]:
    return (OWN / name).read_text(encoding="utf-8").splitlines()


def languages() -> None:
    """ISO 639-1 codes and the names of the Unicode CLDR in every language."""
    columns = [*FIRST_LOCALES, *LANGUAGES]
    names = [Locale.parse(locale).languages for locale in columns]
    rows = ["\t".join([code, *(by_code[code] for by_code in names)]) for code in TONGUES.split()]
    write("people/languages.tsv", ["\t".join(["code", *columns]), *rows])


if __name__ == "__main__":
    world()
    regions()
    zones()
    languages()
    (DATA / "MANIFEST").write_text(manifest(), encoding="utf-8", newline="\n")
