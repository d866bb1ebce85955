"""Names of countries as lists write them."""

import re

import pytest

from sluicegate.screening.lists.countries import country_code, is_no_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Korea, North", "KP"),
        ("Korea, South", "KR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Democratic People’s Republic of Korea", "KP"),
        ("KOREA, DEMOCRATIC PEOPLE'S REPUBLIC OF", "KP"),
        ("Republic of Korea", "KR"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Congo (Democratic Republic)", "CD"),
        ("Congo, Republic of the", "CG"),
        ("Cote d Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("Bahamas, The", "BS"),
        ("The Gambia", "GM"),
        ("Man, Isle of", "IM"),
        ("Virgin Islands, British", "VG"),
        ("North Macedonia, The Republic of", "MK"),
        ("China, Hong Kong Special Administrative Region", "HK"),
        ("St. Kitts and Nevis", "KN"),
        ("Region: Gaza", "PS"),
        ("Burma", "MM"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Dominica", "DM"),
        ("Dominican Republic", "DO"),
        ("Kosovo", "XK"),
        ("us", "US"),
        ("NA", "NA"),
    ],
)
def test_country_is_known_in_the_spellings_of_the_lists(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "undetermined", "Region: Kafia Kingi", "former Soviet Union", "n/a"])
def test_what_names_no_country_of_today_is_no_fault(text: str) -> None:
    assert country_code(text) is None
    assert is_no_country(text)


@pytest.mark.parametrize("text", ["Atlantis", "possibly Palestinian", "ZZ"])
def test_unknown_country_is_neither(text: str) -> None:
    assert country_code(text) is None
    assert not is_no_country(text)


def test_codes_are_codes() -> None:
    from sluicegate.screening.lists import countries

    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries._CODES.values())
    assert len(set(countries._CODES.values())) == 250  # ISO 3166-1 and Kosovo
