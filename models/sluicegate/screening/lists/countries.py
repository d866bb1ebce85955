"""Names of countries as lists write them -> ISO 3166-1 alpha-2."""

import re
import unicodedata
from types import MappingProxyType

_NAMES = """
AD Andorra|Principality of Andorra
AE United Arab Emirates|UAE
AF Afghanistan|Islamic Republic of Afghanistan|Islamic Emirate of Afghanistan
AG Antigua and Barbuda
AI Anguilla
AL Albania|Republic of Albania
AM Armenia|Republic of Armenia
AO Angola|Republic of Angola
AQ Antarctica
AR Argentina|Argentine Republic
AS American Samoa
AT Austria|Republic of Austria
AU Australia|Commonwealth of Australia
AW Aruba
AX Åland Islands
AZ Azerbaijan|Republic of Azerbaijan
BA Bosnia and Herzegovina|Bosnia|Bosnia-Herzegovina
BB Barbados
BD Bangladesh|People's Republic of Bangladesh
BE Belgium|Kingdom of Belgium
BF Burkina Faso
BG Bulgaria|Republic of Bulgaria
BH Bahrain|Kingdom of Bahrain
BI Burundi|Republic of Burundi
BJ Benin|Republic of Benin
BL Saint Barthélemy
BM Bermuda
BN Brunei|Brunei Darussalam
BO Bolivia|Plurinational State of Bolivia
BQ Bonaire, Sint Eustatius and Saba|Bonaire|Caribbean Netherlands
BR Brazil|Federative Republic of Brazil
BS Bahamas|Commonwealth of the Bahamas
BT Bhutan|Kingdom of Bhutan
BV Bouvet Island
BW Botswana|Republic of Botswana
BY Belarus|Republic of Belarus|Byelorussia
BZ Belize
CA Canada
CC Cocos Islands|Cocos (Keeling) Islands
CD Democratic Republic of the Congo|DRC|DR Congo|Congo (Kinshasa)|Zaire
CF Central African Republic|CAR
CG Congo|Republic of the Congo|Congo (Brazzaville)
CH Switzerland|Swiss Confederation
CI Côte d'Ivoire|Cote d Ivoire|Ivory Coast|Republic of Côte d'Ivoire
CK Cook Islands
CL Chile|Republic of Chile
CM Cameroon|Republic of Cameroon
CN China|People's Republic of China|PRC|Mainland China
CO Colombia|Republic of Colombia
CR Costa Rica|Republic of Costa Rica
CU Cuba|Republic of Cuba
CV Cabo Verde|Cape Verde
CW Curaçao
CX Christmas Island
CY Cyprus|Republic of Cyprus
CZ Czech Republic|Czechia
DE Germany|Federal Republic of Germany
DJ Djibouti|Republic of Djibouti
DK Denmark|Kingdom of Denmark
DM Dominica|Commonwealth of Dominica
DO Dominican Republic
DZ Algeria|People's Democratic Republic of Algeria
EC Ecuador|Republic of Ecuador
EE Estonia|Republic of Estonia
EG Egypt|Arab Republic of Egypt
EH Western Sahara
ER Eritrea|State of Eritrea
ES Spain|Kingdom of Spain
ET Ethiopia|Federal Democratic Republic of Ethiopia
FI Finland|Republic of Finland
FJ Fiji|Republic of Fiji
FK Falkland Islands|Falkland Islands (Malvinas)|Falkland Islands (Islas Malvinas)
FM Micronesia|Federated States of Micronesia
FO Faroe Islands|Faeroe Islands
FR France|French Republic
GA Gabon|Gabonese Republic
GB United Kingdom|UK|Great Britain|United Kingdom of Great Britain and Northern Ireland|England|Scotland|Wales
GB Northern Ireland
GD Grenada
GE Georgia|Abkhazia|South Ossetia
GF French Guiana
GG Guernsey|Bailiwick of Guernsey
GH Ghana|Republic of Ghana
GI Gibraltar
GL Greenland
GM Gambia|Republic of the Gambia
GN Guinea|Republic of Guinea
GP Guadeloupe
GQ Equatorial Guinea|Republic of Equatorial Guinea
GR Greece|Hellenic Republic
GS South Georgia and the South Sandwich Islands
GT Guatemala|Republic of Guatemala
GU Guam
GW Guinea-Bissau|Guinea Bissau|Republic of Guinea-Bissau
GY Guyana|Co-operative Republic of Guyana
HK Hong Kong|Hong Kong SAR|China, Hong Kong Special Administrative Region|Hong Kong SAR China|Hong Kong, China
HM Heard Island and McDonald Islands
HN Honduras|Republic of Honduras
HR Croatia|Republic of Croatia
HT Haiti|Republic of Haiti
HU Hungary
ID Indonesia|Republic of Indonesia
IE Ireland|Republic of Ireland|Eire
IL Israel|State of Israel
IM Isle of Man
IN India|Republic of India
IO British Indian Ocean Territory
IQ Iraq|Republic of Iraq
IR Iran|Islamic Republic of Iran
IS Iceland|Republic of Iceland
IT Italy|Italian Republic
JE Jersey|Bailiwick of Jersey
JM Jamaica
JO Jordan|Hashemite Kingdom of Jordan
JP Japan
KE Kenya|Republic of Kenya
KG Kyrgyzstan|Kyrgyz Republic
KH Cambodia|Kingdom of Cambodia
KI Kiribati
KM Comoros|Union of the Comoros
KN Saint Kitts and Nevis|St Kitts and Nevis
KP North Korea|Democratic People's Republic of Korea|DPRK|Korea (DPR)|Korea (North)
KR South Korea|Republic of Korea|Korea (South)
KW Kuwait|State of Kuwait
KY Cayman Islands
KZ Kazakhstan|Republic of Kazakhstan
LA Laos|Lao People's Democratic Republic|Lao PDR
LB Lebanon|Lebanese Republic
LC Saint Lucia
LI Liechtenstein|Principality of Liechtenstein
LK Sri Lanka|Democratic Socialist Republic of Sri Lanka
LR Liberia|Republic of Liberia
LS Lesotho|Kingdom of Lesotho
LT Lithuania|Republic of Lithuania
LU Luxembourg|Grand Duchy of Luxembourg
LV Latvia|Republic of Latvia
LY Libya|State of Libya|Libyan Arab Jamahiriya
MA Morocco|Kingdom of Morocco
MC Monaco|Principality of Monaco
MD Moldova|Republic of Moldova|Transnistria|Pridnestrovie|Transdniestria
ME Montenegro
MF Saint Martin|Saint Martin (French part)
MG Madagascar|Republic of Madagascar
MH Marshall Islands|Republic of the Marshall Islands
MK North Macedonia|Republic of North Macedonia|Macedonia|The former Yugoslav Republic of Macedonia
ML Mali|Republic of Mali|Northern Mali
MM Myanmar|Burma|Union of Myanmar|Republic of the Union of Myanmar|Myanmar (Burma)
MN Mongolia
MO Macau|Macao|Macau SAR|Macao SAR|China, Macao Special Administrative Region|Macao SAR China
MP Northern Mariana Islands
MQ Martinique
MR Mauritania|Islamic Republic of Mauritania
MS Montserrat
MT Malta|Republic of Malta
MU Mauritius|Republic of Mauritius
MV Maldives|Republic of Maldives
MW Malawi|Republic of Malawi
MX Mexico|United Mexican States
MY Malaysia
MZ Mozambique|Republic of Mozambique
NA Namibia|Republic of Namibia
NC New Caledonia
NE Niger|Republic of the Niger|Republic of Niger
NF Norfolk Island
NG Nigeria|Federal Republic of Nigeria
NI Nicaragua|Republic of Nicaragua
NL Netherlands|Kingdom of the Netherlands|Holland
NO Norway|Kingdom of Norway
NP Nepal|Federal Democratic Republic of Nepal
NR Nauru
NU Niue
NZ New Zealand
OM Oman|Sultanate of Oman
PA Panama|Republic of Panama
PE Peru|Republic of Peru
PF French Polynesia
PG Papua New Guinea
PH Philippines|Republic of the Philippines
PK Pakistan|Islamic Republic of Pakistan
PL Poland|Republic of Poland
PM Saint Pierre and Miquelon
PN Pitcairn|Pitcairn Islands
PR Puerto Rico
PS Palestine|State of Palestine|Palestinian|Palestinian Territory|Palestinian Territories
PS Palestinian Authority|Occupied Palestinian Territory|Occupied Palestinian Territories
PS Palestinian Territory, Occupied|West Bank|Gaza|Gaza Strip|North Gaza|Northern Gaza|West Bank and Gaza Strip
PT Portugal|Portuguese Republic
PW Palau|Republic of Palau
PY Paraguay|Republic of Paraguay
QA Qatar|State of Qatar
RE Réunion
RO Romania
RS Serbia|Republic of Serbia
RU Russia|Russian Federation
RW Rwanda|Republic of Rwanda
SA Saudi Arabia|Kingdom of Saudi Arabia
SB Solomon Islands
SC Seychelles|Republic of Seychelles
SD Sudan|Republic of the Sudan|Republic of Sudan
SE Sweden|Kingdom of Sweden
SG Singapore|Republic of Singapore
SH Saint Helena|Saint Helena, Ascension and Tristan da Cunha
SI Slovenia|Republic of Slovenia
SJ Svalbard and Jan Mayen|Svalbard
SK Slovakia|Slovak Republic
SL Sierra Leone|Republic of Sierra Leone
SM San Marino|Republic of San Marino
SN Senegal|Republic of Senegal
SO Somalia|Federal Republic of Somalia|Somaliland
SR Suriname|Republic of Suriname
SS South Sudan|Republic of South Sudan
ST São Tomé and Príncipe
SV El Salvador|Republic of El Salvador
SX Sint Maarten|Sint Maarten (Dutch part)
SY Syria|Syrian Arab Republic
SZ Eswatini|Swaziland|Kingdom of Eswatini
TC Turks and Caicos Islands
TD Chad|Republic of Chad
TF French Southern Territories|French Southern and Antarctic Lands
TG Togo|Togolese Republic
TH Thailand|Kingdom of Thailand
TJ Tajikistan|Republic of Tajikistan
TK Tokelau
TL Timor-Leste|East Timor
TM Turkmenistan
TN Tunisia|Republic of Tunisia
TO Tonga|Kingdom of Tonga
TR Turkey|Türkiye|Republic of Turkey|Republic of Türkiye
TT Trinidad and Tobago|Republic of Trinidad and Tobago
TV Tuvalu
TW Taiwan|Taiwan, Province of China|Republic of China
TZ Tanzania|United Republic of Tanzania
UA Ukraine|Crimea|Autonomous Republic of Crimea|Sevastopol|Donetsk|Luhansk|Crimea - Region of Ukraine
UG Uganda|Republic of Uganda
UM United States Minor Outlying Islands
US United States|United States of America|USA
UY Uruguay|Eastern Republic of Uruguay|Oriental Republic of Uruguay
UZ Uzbekistan|Republic of Uzbekistan
VA Holy See|Vatican City|Vatican City State|Vatican
VC Saint Vincent and the Grenadines
VE Venezuela|Bolivarian Republic of Venezuela
VG British Virgin Islands|Virgin Islands (British)|BVI
VI United States Virgin Islands|US Virgin Islands|Virgin Islands (US)|Virgin Islands
VN Vietnam|Viet Nam|Socialist Republic of Vietnam|Socialist Republic of Viet Nam
VU Vanuatu|Republic of Vanuatu
WF Wallis and Futuna
WS Samoa|Independent State of Samoa
XK Kosovo|Republic of Kosovo
YE Yemen|Republic of Yemen
YT Mayotte
ZA South Africa|Republic of South Africa
ZM Zambia|Republic of Zambia
ZW Zimbabwe|Republic of Zimbabwe
"""
# Written where a country is, and yet none that has a code today: states that are gone, regions over several states.
_NO_COUNTRY = (
    "undetermined|unknown|none|n a|not applicable|stateless|international waters|Commonwealth of Independent States|"
    "Kafia Kingi|Jammu and Kashmir|Soviet Union|Former Soviet Union|USSR|Yugoslavia|Former Yugoslavia|"
    "Federal Republic of Yugoslavia|Serbia and Montenegro|Czechoslovakia|Netherlands Antilles|East Germany|Kashmir"
)
_LITTLE = frozenset({"the", "of", "and"})
_WORD = re.compile(r"\w+")


def country_code(text: str) -> str | None:
    """The country's code; None where the text names no country that is known.

    Case, accents, punctuation and the order of the words do not count; a code itself is understood too.

    >>> [country_code(text) for text in ("Korea, North", "Iran (Islamic Republic of)", "Region: Crimea", "ru")]
    ['KP', 'IR', 'UA', 'RU']
    >>> country_code("Congo, Republic of the"), country_code("undetermined"), country_code("Atlantis")
    ('CG', None, None)
    """
    code = text.strip().upper()
    return code if code in _KNOWN else _CODES.get(_key(text))


def is_no_country(text: str) -> bool:
    """Whether the text is known to name no country of today, so that a code missing for it is no fault.

    >>> is_no_country("Netherlands Antilles"), is_no_country("Atlantis")
    (True, False)
    """
    return not text.strip() or _key(text) in _NONE


def _key(text: str) -> tuple[str, ...]:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    words = (word for word in _WORD.findall(plain.replace("'", "").replace("’", "")) if word not in _LITTLE)
    return tuple(sorted("saint" if word == "st" else word for word in words if word != "region"))


def _table() -> dict[tuple[str, ...], str]:
    pairs = ((line[:2], name) for line in _NAMES.strip().splitlines() for name in line[3:].split("|"))
    return {_key(name): code for code, name in pairs}


_CODES = MappingProxyType(_table())
_KNOWN = frozenset(_CODES.values())
_NONE = frozenset(_key(name) for name in _NO_COUNTRY.split("|"))
