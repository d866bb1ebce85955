"""The parties that the U.S. Treasury named on 27 August 2025, and two behind them, as people spell them; and namesakes.

Found means: a verdict of the rules, or the engine's score at the threshold that makes a name possible.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.rules.sanctioned_name import POSSIBLE
from sluicegate.screening.index import CompiledList, Kind, NameQuery
from sluicegate.screening.lists.starter import STARTER

LISTED = CompiledList("starter", "test", STARTER)

SPELLINGS: dict[tuple[str, Kind], list[str]] = {
    ("55065", "person"): [
        *["Vitaly Andreyev", "Vitaliy Sergeyevich Andreyev", "Vitaly Sergeyevich Andreyev", "Vitalii Andreev"],
        *["Vitaly Andreev", "Vitali Andreyev", "Vitaliy Sergeevich Andreev", "ANDREYEV, Vitaliy S.", "Andreyev Vitaly"],
        *["Vitalij Andreev", "V. S. Andreyev Vitaliy", "Vitaliy Andreyef", "Виталий Андреев"],
        *["Андреев Виталий Сергеевич", "Андреев В. С. Виталий"],
    ],
    ("55064", "person"): [
        *["Kim Ung Sun", "Kim Ung-sun", "Kim Ungsun", "KIM UNG SUN", "Ung Sun Kim", "Kim, Ung Sun", "Kim Ung-Soon"],
        *["Kim Woong Sun", "Kim Woong-sun", "Kim Ung Son", "Mr Kim Ung Sun", "김웅선", "김 웅선"],
    ],
    ("42498", "person"): [
        *["Sim Hyon Sop", "Sim Hyon-sop", "Sim Hyonsop", "SIM HYON SOP", "Hyon Sop Sim", "Sim, Hyon Sop"],
        *["Shim Hyon Sop", "Sim Hyun Sop", "Sim Hyon Seop", "Sim Hyeon Seop", "Shim Hyun-seop", "심현섭", "심 현섭"],
    ],
    ("55062", "organisation"): [
        *["Shenyang Geumpungri Network Technology", "Shenyang Geumpungri Network Technology Co., Ltd"],
        *["Shenyang Geumpungri Network Tech Co Ltd", "Shenyang Geumpungri", "Geumpungri Network Technology Shenyang"],
        *["SHENYANG GEUMPUNGRI NETWORK TECHNOLOGY COMPANY LIMITED", "Shenyang Geumpung-ri Network Technology"],
        *["Shenyang Geum Pung Ri Network Technology", "Shenyang Gumpungri Network Technology Co."],
        *["Shenyang Geumpungri Networks Technology Ltd.", "Shenyang Kumpungri Network Technology Co., Ltd"],
        *["Shen Yang Geumpungri Network Technology", "심양 금풍리 네트워크 기술 유한회사", "선양금풍리망기술유한공사"],
    ],
    ("55063", "organisation"): [
        *["Korea Sinjin Trading Corporation", "Korea Sinjin Trading Corp.", "Korea Sinjin Trading", "Korea Sinjin"],
        *["Korea Sin Jin Trading Corporation", "Sinjin Trading Corporation", "Korea Shinjin Trading Corporation"],
        *["KOREA SINJIN TRADING CO", "Korea Sinjin Trading Company", "Korean Sinjin Trading Corporation"],
        *["Chosun Sinjin Trading", "Choson Sinjin Trading Corporation", "조선신진무역회사", "조선 신진 무역회사"],
    ],
    ("43379", "organisation"): [
        *["Chinyong Information Technology Cooperation Company", "Chinyong Information Technology Cooperation"],
        *["Chinyong IT Cooperation Company", "Jinyong IT Cooperation Company", "Chinyong Info Tech Cooperation Co."],
        *["Chin Yong Information Technology Cooperation Company", "Jin Yong IT Cooperation Company"],
        *["Chinyong Information Technology Co-operation Co", "Chinyong Information Technology Cooperation Co., Ltd"],
        *["Chin-yong IT Cooperation", "Jinyong Information Technology"],
        *["진영정보기술협조회사", "진영 정보기술 협조 회사"],
    ],
}
PARTIES = [(id, kind, name) for (id, kind), names in SPELLINGS.items() for name in names]
NAMESAKES: dict[Kind, list[str]] = {
    "person": [
        *["Kim Un Sung", "Kim Ung Su", "Kim Ung Chol", "Kim Yong Sun", "Kim Un Sun", "Pak Ung Sun", "Kim Jong Un"],
        *["Kim Hyon Sop", "Sim Hyon Chol", "Sim Hyong Sok", "김은성", "김웅수", "심현석", "Andreyev Sergey"],
        *["Vitaliy Petrov", "Vitaly Andreyenko", "Aleksandr Andreyev", "Сергей Андреев"],
    ],
    "organisation": [
        *["Shenyang Geumpungri Bakery", "Korea Trading Corporation", "Sinjin Foods", "Shenyang Trading"],
        *["Shenyang Network Technology Co., Ltd", "Korea Shipping Corporation", "Chinyong Bakery", "Sinjin Shipping"],
        *["Information Technology Cooperation Company", "Kim Ung Sun", "조선무역회사"],
    ],
}
OTHERS = [(kind, name) for kind, names in NAMESAKES.items() for name in names]
# where the engine is wrong in a list of six parties, in which every word is rare
OPEN = {"Kim Un Sun", "Andreyev Sergey", "Shenyang Network Technology Co., Ltd"}


def _cases(rows: Iterable[tuple[str, ...]]) -> list[Any]:
    """Rows of which the last column is a name."""
    wrong = pytest.mark.xfail(reason="every word of a short list is rare", strict=True)
    return [pytest.param(*row, marks=[wrong] if row[-1] in OPEN else []) for row in rows]


@pytest.mark.parametrize(("entry_id", "kind", "name"), _cases(PARTIES))
def test_listed_party_is_found_as_it_is_spelled(entry_id: str, kind: Kind, name: str) -> None:
    assert entry_id in _hits(name, kind, POSSIBLE)


@pytest.mark.parametrize(("entry_id", "name"), [("55064", "Gim Ung Sun"), ("55064", "Gim Ung-sun")])
def test_other_spelling_of_a_surname_is_found_with_a_shared_country(entry_id: str, name: str) -> None:
    hits = LISTED.screen_name(NameQuery(name, "person", frozenset({"KP"})))
    assert [hit.entry_id for hit in hits] == [entry_id]


@pytest.mark.parametrize(("kind", "name"), OTHERS)
def test_rules_give_no_verdict_on_a_namesake(kind: Kind, name: str) -> None:
    assert not _hits(name, kind, None)


@pytest.mark.parametrize(("kind", "name"), _cases(OTHERS))
def test_engine_does_not_find_a_namesake(kind: Kind, name: str) -> None:
    assert not _hits(name, kind, POSSIBLE)


def test_listed_party_is_the_best_candidate_in_the_whole_list(shared: Path) -> None:
    from tests.bench.screening_compare import listed

    whole = CompiledList("ofac", "test", listed())
    wrong = {name for entry_id, kind, name in PARTIES if entry_id not in _best(whole, name, kind)}
    assert not wrong


def _hits(name: str, kind: Kind, engine_possible: float | None) -> set[str]:
    return {hit.entry_id for hit in LISTED.screen_name(NameQuery(name, kind), engine_possible=engine_possible)}


def _best(whole: CompiledList, name: str, kind: Kind) -> set[str]:
    """Entries with the highest score; several where they tie."""
    found = whole.rank(NameQuery(name, kind))
    return {one.entry.entry_id for one in found if one.score >= max(other.score for other in found)}
