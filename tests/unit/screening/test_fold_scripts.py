"""Names of other scripts: their spellings in Latin letters, and what spellings have in common."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.screening.fold import organisation_tokens, person_tokens
from sluicegate.screening.korean import same_syllable
from sluicegate.screening.skeleton import skeleton
from sluicegate.screening.variants import variants

PEOPLE = [
    ("김정은", "kim jong un", "North Korean"),
    ("리용호", "ri yong ho", "the surname as the North writes it"),
    ("이용호", "ri yong ho", "and as the South does"),
    ("박진혁", "park jin hyuk", "South Korean passport"),
    ("남궁민수", "namgung min su", "surname of two syllables"),
    ("김 웅선", "kim ungsun", "given name written together"),
    ("欧阳小明", "ouyang xiao ming", "Chinese surname of two characters"),
    ("王 小明", "wang xiao ming", "Chinese with a space"),
    ("Андреев Виталий", "andreyev vitaliy", "BGN/PCGN"),
    ("Сергей Юрьевич Ким", "sergei iurevich kim", "passport"),
    ("Дмитрий Александров", "dmitry alexandrov", "press"),
    ("Александр Еремин", "alexander eremin", "press, given name"),
    ("عبد اللطيف", "abdul latif", "two words as one name"),
    ("عبدالرحمن", "abdul rahman", "written together"),
    ("محمد بن خالد", "mohamed ben khaled", "Maghreb"),
    ("نورالدین", "nooruddin", "South Asia"),
]
FIRMS = [
    ("조선백호무역회사", "korea paekho trading company", "Korean words in English"),
    ("진영정보기술협조회사", "chinyong information technology cooperation company", "McCune-Reischauer"),
    ("백호 무역 주식회사", "baekho trading company", "revised romanisation"),
    ("沈阳金星网络科技有限公司", "shenyang jinxing network technology limited", "Chinese words in English"),
    ("ООО Торговая компания Восток", "llc trading company vostok", "Russian words in English"),
    ("شركة النور التجارية", "company al noor trading", "Arabic words in English"),
]
ARABIC = [
    ("محمد علي", "mohammad ali", "common names"),
    ("صلاح الخفاجي", "salah al khafaji", "the article apart, a guessed name"),
    ("سيف الدين", "saif al din", "two words, the second with an article"),
    ("عبدالله", "abdullah", "written together"),
    ("الله", "allah", "God's name alone"),
    ("رحمة الله", "rahmatullah", "God's name joined"),
    ("وليد والي", "walid wali", "glides as consonants"),
    ("حسن والحسين", "hasan wa al hussein", "and"),
    ("محمد 5", "mohammad 5", "a digit"),
    ("محمد ٥", "mohammad 5", "a digit of the script"),
    ("ﻣﺤﻤﺪ", "mohammad", "presentation forms"),
    ("مُحَمَّد", "mohammad", "with vowel marks"),
]
SAME_BONES = [
    *[("mohammed", "mhmd"), ("muhammad", "mohamed"), ("abdelkader", "abdulqadir"), ("zawahiri", "dhawahri")],
    *[("chaouki", "shawqi"), ("othman", "usman"), ("noor", "nour"), ("rachid", "rasheed"), ("iouri", "youri")],
    *[("alexandr", "aleksandr"), ("jaafar", "djafar"), ("akhmed", "ahmad"), ("hamzah", "hamza"), ("qays", "kais")],
]


@pytest.mark.parametrize(("name", "spelling", "reason"), PEOPLE, ids=[row[2] for row in PEOPLE])
def test_person_of_another_script_is_spelled_as_lists_do(name: str, spelling: str, reason: str) -> None:
    assert spelling in variants(name, "person")


@pytest.mark.parametrize(("name", "spelling", "reason"), FIRMS, ids=[row[2] for row in FIRMS])
def test_firm_of_another_script_is_translated_and_spelled(name: str, spelling: str, reason: str) -> None:
    assert spelling in variants(name, "organisation")


@pytest.mark.parametrize(("name", "tokens", "reason"), ARABIC, ids=[row[2] for row in ARABIC])
def test_arabic_is_folded_with_its_vowels(name: str, tokens: str, reason: str) -> None:
    assert " ".join(person_tokens(name)) == tokens


@pytest.mark.parametrize("name", ["Ann Example", "Zoë Łukasik", "", "!?", "Аnn Ехаmрlе", "\u200bAnn"])
def test_latin_name_has_no_variants_nor_has_one_of_lookalikes(name: str) -> None:
    assert variants(name, "person") == variants(name, "organisation") == ()


@given(
    st.text(st.characters() | st.sampled_from("김선王小الدينعبوحمдБьі1 -'")),
    st.sampled_from(["person", "organisation"]),
)
@example("الله", "person")
@example("وال", "person")
def test_any_text_has_few_variants_of_plain_letters(name: str, kind: str) -> None:
    found = variants(name, kind)
    assert len(found) == len(set(found)) <= 5
    for spelling in found:
        assert spelling.isascii()
        assert spelling == " ".join(spelling.split()).lower() != ""
    assert all(token.isascii() for token in (*person_tokens(name), *organisation_tokens(name)))


@pytest.mark.parametrize(("one", "other"), SAME_BONES)
def test_spellings_of_a_name_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("hamid", "ahmad"), ("rashid", "khalid"), ("kim", "sim"), ("5", "6")])
def test_other_names_have_another_skeleton(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.from_regex("[a-z0-9]{0,12}", fullmatch=True))
def test_skeleton_is_empty_only_for_nothing_and_never_longer_by_more_than_ks(token: str) -> None:
    assert bool(skeleton(token)) == bool(token)
    assert len(skeleton(token)) <= len(token) + token.count("x")


@given(st.sampled_from(["sun", "seon", "son", "ung", "woong", "kim", "gim", "hyeon", "ng", ""]), st.text(max_size=4))
def test_same_syllable_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert same_syllable(one, other) == same_syllable(other, one)
