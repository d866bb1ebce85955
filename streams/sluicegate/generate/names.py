"""Made-up people and firms. Parts are combined at random, so a full name is nobody's in particular.

People get a given name and a family name of one origin; the origins mix as they do among the staff and suppliers of an
international firm. Nothing in detection may read an origin, and nothing here says it.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


def _words(text: str) -> list[str]:
    return text.split()


_PEOPLE = (
    (
        "Alice Benjamin Caroline Derek Eleanor Felix Grace Howard Imogen Julian Katherine Leonard Miriam "
        "Nathaniel Olivia Preston Rosalind Stuart Theodora Walter",
        "Ashcombe Birchall Cotterill Drayford Ellingworth Fairbrass Gatenby Hollister Ibbotson Kirkbride Lathbury "
        "Merriweather Northcote Oakenfull Pemberley Quarrington Rushworth Stapleford Thackwray Winterbourne",
    ),
    (
        "Anneliese Bastian Cordula Detlef Friederike Gernot Henrike Ingolf Jannik Kerstin Lennart Marlene Ortwin "
        "Reinhild Silke Torben Ulrike Wiebke",
        "Achterberg Brinkhoff Dornbusch Eichstedt Fliegenschmidt Grothaus Hinrichsen Kaltenbach Lindenau Moorkamp "
        "Niederhofer Ostermeyer Quaritsch Rosenkranz Steinhauer Vollbrecht Wiesengrund",
    ),
    (
        "Adelaida Baltasar Candela Demetrio Eulalia Fermin Graciela Hilario Itziar Jacinto Leocadia Macarena "
        "Nicanor Ofelia Primitivo Remedios Saturnino Yolanda",
        "Albarracin Bustamante Carrascosa Dorronsoro Echeverria Fuensanta Goicoechea Hinojosa Iturralde Landaburu "
        "Manjarrez Olazabal Peralvarez Quintanilla Ribadeneira Sotomayor Villalpando",
    ),
    (
        "Aditi Bhaskar Charulata Dinesh Eshwari Gayatri Harish Indumathi Jayesh Kavitha Lakshman Meenakshi "
        "Nandini Omkar Padmini Raghunath Sharmila Tejas",
        "Anantharaman Bhattathiri Chakravarthi Deshpande Gopalakrishnan Hegde Iyengar Kulkarni Mukhopadhyay "
        "Nambiar Padmanabhan Raghavendra Sivaramakrishnan Thirumalai Venkataraghavan",
    ),
    (
        "Adaeze Babajide Chiamaka Dubaku Efua Folasade Gbenga Ifeoma Kwabena Makena Nkechi Obioma Sekai "
        "Temperance Uzoma Wanjiku Yewande Zanele",
        "Adebowale Boateng Chukwuemeka Dlamini Ezenwachukwu Fagbenle Gichuhi Khumalo Makhubela Ndlovukazi "
        "Odhiambo Ogunbanjo Onwuatuegwu Sithebe Tshabalala Wambugu",
    ),
    (
        "Akiko Chiharu Daichi Emiko Fumihiro Hanae Isamu Junko Katsuro Midori Naoyuki Reiko Satomi Takehiko Umeko "
        "Yoshinori",
        "Aizawa Fukatsu Higashiyama Inokuchi Kamiyama Kurokawachi Matsudaira Nakabayashi Okumoto Sakuragawa "
        "Shimokawa Takenouchi Utsunomiya Watarase Yanagihara",
    ),
    (
        "Bronislava Czeslaw Danuta Ewelina Feliks Grazyna Henryk Ireneusz Jagoda Kazimierz Ludmila Miroslaw "
        "Oksana Pawel Roksolana Stanislava Taras Wieslaw",
        "Bartoszewicz Chmielowski Dzierzanowska Fedorchenko Grabowiecki Hrytsenko Jastrzebska Kravchuk "
        "Lewandowicz Mykhailenko Ostrowicka Pawluczuk Radziwonowicz Sobieszczanska Tymchenko Wyszomirska",
    ),
    (
        "Abelardo Bernadette Crisanto Divina Ernesto Florabel Gregorio Herminia Isagani Jovelyn Lualhati Marisol "
        "Nestor Perlita Rosauro Teresita Virgilio",
        "Abrenica Baltazar Cabangbang Dimaculangan Evangelista Gatchalian Ilagan Lacsamana Macaraeg Natividad "
        "Panganiban Quiambao Sumulong Tolentino Villanueva",
    ),
    (
        "Amina Bassel Dalia Fadwa Ghassan Hadeel Ihab Jumana Karima Lamis Mounir Nadine Oussama Rasha Samar Tarek "
        "Widad Yasmina",
        "Abouelnaga Benchekroun Chraibi Darwazeh Elkhouly Fakhoury Ghandour Haddadin Kassabian Lahbabi "
        "Mansouriyeh Naguib Qabbani Sabbagh Tazi Zerhouni",
    ),
)
PEOPLE = tuple((_words(given), _words(family)) for given, family in _PEOPLE)

_STARTS = _words(
    "Al Bar Bel Bren Cal Cor Dal Dor El Fal Fen Gar Gil Hal Har Hel Jar Kel Kor Lan Lor Mal Mar Mel Mor Nor "
    "Or Pel Por Quil Ral Ren Ros Sal Sel Sor Tal Tar Tel Tor Ul Val Var Vel Wal Wen Wil Yar Zan Zel"
)
_MIDDLES = _words("a ade ale am an ane ar ava e ea el em en era i ia ide il in iva o ola om on ora u ula un ura y")
_ENDS = _words(
    "bay beck borough bridge brook by cliff combe crest dale den field ford fort gate grove ham hurst land "
    "ley lock mere mont moor mouth port ridge shaw stead stone ton vale view ward water well wick wold wood "
    "worth"
)
_TRADES = _words(
    "Accountants Analytics Bakery Bearings Bindery Carpentry Catering Ceramics Chemicals Civils Cleaning "
    "Coatings Components Couriers Dairy Design Drainage Electrics Engineering Fabrication Facilities Farms "
    "Fencing Flooring Foods Freight Furniture Gardens Glazing Haulage Heating Hydraulics Instruments "
    "Interiors Joinery Laboratories Laundry Legal Lighting Logistics Maintenance Marine Masonry Media Metals "
    "Packaging Paints Paper Pharmacy Plastics Plumbing Print Publishing Recruitment Refrigeration Roofing "
    "Safety Scaffolding Security Signs Software Staffing Stationery Storage Surveyors Textiles Timber Tooling "
    "Tours Training Translation Uniforms Vehicles Ventilation Wholesale"
)
FORMS = {
    "US": ("LLC", "Inc", "Corp"), "GB": ("Ltd", "LLP", "plc"), "IE": ("Ltd",), "DE": ("GmbH", "AG"),
    "FR": ("SAS", "SARL"), "ES": ("SL", "SA"), "PT": ("Lda", "SA"), "NL": ("BV",), "PL": ("Sp. z o.o.",),
    "CA": ("Inc", "Ltd"), "AU": ("Pty Ltd",), "SG": ("Pte Ltd",), "JP": ("KK",), "IN": ("Pvt Ltd",),
    "MX": ("SA de CV",), "BR": ("Ltda",),
}  # fmt: skip


def pick(rng: Random, options: list[str] | tuple[str, ...]) -> str:
    """One of the options; cheaper than `Random.choice`."""
    return options[int(rng.random() * len(options))]


def person(rng: Random) -> str:
    """A person's name.

    >>> person(Random(4))
    'Baltasar Goicoechea'
    """
    given, family = PEOPLE[int(rng.random() * len(PEOPLE))]
    return f"{pick(rng, given)} {pick(rng, family)}"


class Firm(NamedTuple):
    """A firm's name and its parts. `stem` is what two names must share to look alike."""

    name: str
    place: str
    trade: str
    stem: str


def firm(rng: Random, country: str) -> Firm:
    """A firm with a legal form that is usual in its country.

    >>> firm(Random(4), "GB").name
    'Garamgrove Brenham Tours plc'
    """
    start, middle = pick(rng, _STARTS), pick(rng, _MIDDLES)
    where = start + middle + pick(rng, _ENDS)
    partner = " " + pick(rng, _STARTS) + pick(rng, _ENDS) if rng.random() < 0.3 else ""
    trade = pick(rng, _TRADES)
    return Firm(
        f"{where}{partner} {trade} {pick(rng, FORMS.get(country, ('Ltd',)))}", where, trade, start + middle + trade
    )


def place(rng: Random) -> str:
    """A made-up place name, for tenants and banks."""
    return pick(rng, _STARTS) + pick(rng, _MIDDLES) + pick(rng, _ENDS)
