"""Queries with their candidates on the OFAC list of ../shared/data: examples to train and to measure the scorer with.

Candidates come from character trigrams of the folded names and of their consonants, so that training depends on no
index of the product.
"""

import csv
import gzip
import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from faker import Faker
from sklearn.feature_extraction.text import TfidfVectorizer

from sluicegate.screening.features import Folded
from sluicegate.screening.scorer import Side, fold_name, quick, rarity_of
from sluicegate.screening.vocabulary import GENERIC, KINSHIP, LEGAL, NUMBER
from tests.bench.ofac_names import SHARED, entries
from tests.bench.perturb import (
    PERTURBATIONS,
    hard_cross,
    hard_edit,
    hard_lineage,
    hard_number,
    hard_swap,
    hard_syllable,
    middle,
)


def _words(text: str) -> list[str]:
    return text.split()


SCREENING = SHARED / "data/screening"
VENDORS = SHARED / "data/payments/oxford-vendor-payments.csv.gz"
KINDS: tuple[Side, ...] = ("person", "organisation")
LOCALES = _words("""
    en_US en_GB en_IN de_DE fr_FR es_ES es_MX es_CO it_IT pt_BR pt_PT nl_NL pl_PL cs_CZ sv_SE da_DK no_NO fi_FI
    ru_RU uk_UA bg_BG tr_TR fa_IR ar_AA ar_EG hi_IN ne_NP bn_BD zh_CN zh_TW ja_JP ko_KR th_TH vi_VN id_ID fil_PH
    el_GR hu_HU ro_RO hr_HR sk_SK lt_LT lv_LV et_EE he_IL ka_GE hy_AM az_AZ
""")


class Query(NamedTuple):
    """A name to screen. entry: the one it means, or empty; source: the listed name it was made of, or empty."""

    text: str
    group: str
    entry: str = ""
    source: str = ""


class Listed(NamedTuple):
    entry: str
    name: str
    folded: Folded


class Table:
    """Listed names of one kind, with retrieval."""

    def __init__(self, names: list[Listed]) -> None:
        self.names = names
        self.holders = Counter(token for one in names for token in set(one.folded.tokens))
        self.places: dict[tuple[str, str], int] = {}
        self.by_entry: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(names):
            self.places[one.entry, one.name] = at
            self.by_entry[one.entry].append(at)
        self._vectors = TfidfVectorizer(analyzer=_grams, sublinear_tf=True, dtype=np.float32)
        self._matrix = self._vectors.fit_transform([one.folded for one in names]).T.tocsr()

    def rarity(self, token: str) -> float:
        return rarity_of(self.holders.get(token, 0), len(self.names))

    def nearest(self, queries: Sequence[Folded], limit: int, pool: int = 40) -> list[list[int]]:
        found: list[list[int]] = []
        for start in range(0, len(queries), 500):
            part = queries[start : start + 500]
            scores = (self._vectors.transform(part) @ self._matrix).tocsr()
            for row, query in enumerate(part):
                span = slice(scores.indptr[row], scores.indptr[row + 1])
                places, values = scores.indices[span], scores.data[span]
                if len(places) > pool:
                    top = np.argpartition(-values, pool)[:pool]
                    places, values = places[top], values[top]
                overlap = places[np.argsort(-values, kind="stable")].tolist()
                alike = sorted(overlap, key=lambda at: -quick(query, self.names[at].folded))
                found.append(list(dict.fromkeys((*overlap[:limit], *alike[:limit]))))
        return found


def _grams(folded: Folded) -> Iterator[str]:
    for token in folded.ordered.split():
        yield token
        padded = f" {token} "
        for at in range(len(padded) - 2):
            yield padded[at : at + 3]
    bones = f"_{folded.bones}_"
    for at in range(len(bones) - 2):
        yield "#" + bones[at : at + 3]


def tables() -> dict[Side, Table]:
    """The OFAC list by kind."""
    names: dict[Side, list[Listed]] = {kind: [] for kind in KINDS}
    for entry in entries():
        if entry["kind"] in names:
            for one in entry["names"]:
                folded = fold_name(
                    _with_comma(one["name"]) if entry["kind"] == "person" else one["name"], entry["kind"]
                )
                if folded.tokens:
                    names[entry["kind"]].append(Listed(entry["entry_id"], one["name"], folded))
    return {kind: Table(held) for kind, held in names.items()}


def _with_comma(name: str) -> str:
    """Half of the names "LAST First" as "LAST, First", as OFAC's own files write them: read in spoken order."""
    tokens = name.split()
    last = next((at for at, token in enumerate(tokens) if not token.isupper()), 0)
    if not 0 < last < len(tokens) or zlib.crc32(name.encode()) % 2:
        return name
    return f"{' '.join(tokens[:last])}, {' '.join(tokens[last:])}"


def reported() -> tuple[list[Query], list[Query]]:
    """Reference perturbations and unlisted names: to report on, never to train with."""
    perturbed = [
        Query(row["query"], row["class"], str(row["entity_id"]), row["listed_name"])
        for row in map(json.loads, (SCREENING / "perturbed-names.jsonl").open(encoding="utf-8"))
    ]
    unlisted = [
        Query(row["query"], row["class"])
        for row in map(json.loads, (SCREENING / "unlisted-names.jsonl").open(encoding="utf-8"))
    ]
    return perturbed, unlisted


def vendors() -> list[str]:
    """Real names of payees, from open data: on no list, but for chance."""
    with gzip.open(VENDORS, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        column = next(
            name for name in reader.fieldnames or () if "vendor" in name.lower() or "supplier" in name.lower()
        )
        return sorted({row[column].strip() for row in reader} - {""})


def perturbed(listed: Sequence[Listed], count: int, seed: int) -> list[Query]:
    """`count` queries of each class; and of people whose middle names are left out, which is how most are paid."""
    rng = random.Random(seed)
    people = [one for one in listed if not one.folded.organisation and len(one.folded.tokens) > 2]
    made = [Query(middle(one.name, rng), "token_drop", one.entry, one.name) for one in rng.sample(people, count)]
    made += [
        Query(PERTURBATIONS["translit"](middle(one.name, rng), rng), "token_drop translit", one.entry, one.name)
        for one in rng.sample(people, count // 2)
    ]
    for group, perturb in PERTURBATIONS.items():
        done = 0
        while done < count:
            one = rng.choice(listed)
            text = perturb(one.name, rng)
            if text != one.name and names_somebody(text, one.folded.organisation):
                made.append(Query(text, group, one.entry, one.name))
                done += 1
    return made


def names_somebody(text: str, organisation: bool) -> bool:
    """Whether more is left of a name than what many share."""
    folded = fold_name(text, "organisation" if organisation else "person")
    return any(role <= NUMBER and role != GENERIC for role in folded.roles)


def hard(listed: Sequence[Listed], count: int, seed: int) -> list[Query]:
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        one, other = rng.choice(listed).name, rng.choice(listed).name
        made.append(Query(hard_cross(one, other, rng), "hard_cross_pair"))
        made.append(Query(hard_swap(one, other, rng), "hard_token_swap"))
        made.append(Query(hard_edit(one, rng), "hard_edit_beyond"))
    syllabic = [one.name for one in listed if not one.folded.organisation and _is_syllabic(one.folded.tokens)]
    made += [
        Query(hard_syllable(rng.choice(syllabic), rng.choice(syllabic), rng), "hard_syllable")
        for _ in range(count // 2)
    ]
    lineages = [one.name for one in listed if not KINSHIP.isdisjoint(one.folded.tokens[1:-1])]
    made += [Query(hard_lineage(rng.choice(lineages), rng), "hard_lineage") for _ in range(count // 5)]
    numbered = [one.name for one in listed if one.folded.organisation and one.folded.numbers]
    made += [
        Query(text, "hard_number") for one in rng.sample(numbered, count // 5) if (text := hard_number(one, rng)) != one
    ]
    generic = (hard_generic(one) for one in rng.sample([one for one in listed if one.folded.organisation], 3 * count))
    made += [Query(text, "hard_generic") for text in list(filter(None, generic))[: count // 5]]
    return made


def hard_generic(one: Listed) -> str:
    """The words of a firm's name that many firms share, without those that are its own; or nothing."""
    roles = dict(zip(one.folded.tokens, one.folded.roles, strict=True))
    shared = [token for token, role in roles.items() if role in (GENERIC, LEGAL)]
    own = len(roles) - len(shared)
    return " ".join(shared) if own and GENERIC in map(roles.get, shared) else ""


def _is_syllabic(tokens: Sequence[str]) -> bool:
    return len(tokens) in (2, 3) and all(2 <= len(token) <= 5 for token in tokens)


def natural(people: int, companies: int, seed: int) -> list[Query]:
    """Synthetic people of many countries and companies."""
    fakers = [Faker(locale) for locale in LOCALES]
    rng = random.Random(seed)
    made = []
    for faker in fakers:
        faker.seed_instance(rng.randrange(1 << 30))
    for at in range(people):
        faker = fakers[at % len(fakers)] if at % 3 else fakers[0]
        names = [faker.first_name(), faker.last_name()]
        if rng.random() < 0.4:
            names.insert(1, rng.choice((faker.first_name, faker.last_name))())
        elif at % 3 == 0 and rng.random() < 0.5:
            names.insert(1, f"{faker.random_uppercase_letter()}.")
        made.append(Query(" ".join(names), "people"))
    made += [Query(rng.choice(fakers).company(), "companies") for _ in range(companies)]
    return made


def candidates(held: dict[Side, Table], queries: Sequence[Query], limit: int) -> Iterator[tuple[int, Side, int]]:
    """(place of the query, kind, place of the listed name): nearest names of both kinds."""
    for kind, table in held.items():
        folded = [fold_name(query.text, kind) for query in queries]
        for at, places in enumerate(table.nearest(folded, limit)):
            for place in places:
                yield at, kind, place
