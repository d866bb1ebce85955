"""Folding: what counts as the same name, and what must stay apart."""

import pytest

from sluicegate.screening.fold import list_name_tokens, organisation_tokens, person_tokens

PEOPLE = [
    ("Ann Example", "ann example", "plain"),
    ("  ANN\tEXAMPLE\n", "ann example", "case and white space"),
    ("Zoë Łukasik-Ångström", "zoe lukasik angstrom", "marks dropped, also those that are part of the letter"),
    ("Zoe\u0301 Example", "zoe example", "combining mark of its own"),
    ("Strauß", "strauss", "one letter, two letters"),
    ("O'Brien", "o brien", "apostrophes split, as every sign does"),
    ("Mr. Ann Example, Dr", "ann example", "honorifics dropped"),
    ("Mrs Ms Prof", "", "nothing but honorifics"),
    ("Ａｎｎ Ｅｘａｍｐｌｅ", "ann example", "full-width forms"),
    ("𝐀𝐧𝐧 𝓔𝔁𝓪𝓶𝓹𝓵𝓮", "ann example", "mathematical letters"),
    ("A\u200bnn Exam\u00adple\ufeff", "ann example", "zero-width space, soft hyphen, byte order mark"),
    ("Ann\u3164 Exam\ufe0fple", "ann example", "Hangul filler, variation selector"),
    ("Аnn Ехаmрlе", "ann example", "Cyrillic look-alikes inside Latin words"),
    ("Αnn Ехample", "ann example", "a Greek capital alpha, Cyrillic letters"),
    ("РАК Ung Sun", "pak ung sun", "a word of look-alikes among Latin words"),
    ("РАК Унг", "rak ung", "the same word among Cyrillic ones is what it says"),
    ("Андpeeв", "andreev", "Latin look-alikes inside a Cyrillic word"),
    ("Сергей Королёв", "sergey korolev", "Cyrillic"),
    ("Игорь Соль", "igor sol", "soft signs leave no gap"),
    ("김웅선", "gim ung seon", "Hangul by syllable"),
    ("김 웅선", "gim ung seon", "Hangul with a space"),
    ("王小明", "wang xiaoming", "Han: surname, then the rest"),
    ("王 小明", "wang xiaoming", "Han with a space"),
    ("محمد علي", "mohammad ali", "Arabic, with the vowels that are not written"),
    ("हिन्दी", "hindi", "vowel signs belong to their word"),
    ("١٢٣ Ann", "123 ann", "digits of other scripts"),
    ("\ud800 Ann", "ann", "lone surrogate"),
    ("!!! --- ☃", "", "nothing to read"),
    ("", "", "empty"),
]

ORGANISATIONS = [
    ("Acme Bolts Ltd.", "acme bolts", "legal form"),
    ("The Bank of Acme and Sons", "bank acme sons", "filling words"),
    ("Acme Tech Co., Ltd", "acme technology", "short forms written out before legal forms go"),
    ("Acme Intl Info Dev Mfg Corp", "acme international information development manufacturing", "all short forms"),
    ("Acme S.p.A.", "acme", "legal form with dots"),
    ("Acme A/S", "acme", "legal form with a stroke"),
    ("J.R. Acme L.L.C.", "j r acme", "initials are no legal form"),
    ("U.K. Acme", "u k acme", "other abbreviations stay as they are"),
    ("Company Limited", "", "nothing but legal forms"),
    ("Acme ＬＬＣ", "acme", "full-width legal form"),
    ("Acme Incorporated Technologies", "acme technologies", "a plural is another word"),
]


@pytest.mark.parametrize(("name", "tokens", "reason"), PEOPLE, ids=[row[2] for row in PEOPLE])
def test_person_name_is_folded(name: str, tokens: str, reason: str) -> None:
    assert " ".join(person_tokens(name)) == tokens


@pytest.mark.parametrize(("name", "tokens", "reason"), ORGANISATIONS, ids=[row[2] for row in ORGANISATIONS])
def test_organisation_name_is_folded(name: str, tokens: str, reason: str) -> None:
    assert " ".join(organisation_tokens(name)) == tokens


@pytest.mark.parametrize(
    ("name", "kind", "tokens"),
    [
        ("EXAMPLE, Ann Mary", "person", "ann mary example"),
        ("DE LA EXAMPLE，Ann", "person", "ann de la example"),
        ("Ann Mary EXAMPLE", "person", "ann mary example"),
        ("Acme Bolts, Limited", "organisation", "acme bolts"),
        ("Bolts, Acme", "organisation", "bolts acme"),
    ],
)
def test_listed_person_is_put_in_spoken_order_and_organisation_is_not(name: str, kind: str, tokens: str) -> None:
    assert " ".join(list_name_tokens(name, kind)) == tokens
