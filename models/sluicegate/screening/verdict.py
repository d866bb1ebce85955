"""What two token lists have in common, and whether that is a match: STRONG, POSSIBLE or none.

A name matches only when every one of its tokens is explained by the listed name (OFAC FAQ 5: one of several names in
common is no match), so one global fuzziness threshold never decides. Similarities are percent, as whole numbers.
"""

import enum
from collections.abc import Sequence

import msgspec
from rapidfuzz.distance import Levenshtein

Tokens = tuple[str, ...]

ROMANISATIONS: tuple[frozenset[str], ...] = (
    frozenset({"ri", "lee", "yi", "rhee", "li"}),
    frozenset({"choe", "choi"}),
    frozenset({"pak", "park"}),
    frozenset({"jong", "jung", "jeong", "chung"}),
    frozenset({"u", "woo", "wu"}),
    frozenset({"kim", "gim"}),
)
ROMANISED = {token: spellings for spellings in ROMANISATIONS for token in spellings}
GENERIC = frozenset(
    {"technology", "network", "trading", "trade", "information", "international", "development", "group", "industry"}
    | {"industries", "import", "export", "general", "service", "services", "cooperation", "holding", "holdings"}
    | {"global", "solutions", "systems", "consulting"}
    | {"korea", "china", "russia", "iran", "cuba", "syria", "vietnam", "laos"}
)
PATRONYMIC_LETTERS = 6
MIN_USED = 2
_ROUNDING = 1e-9


class Verdict(enum.Enum):
    """How well a name agrees with a listed one; no verdict is None."""

    STRONG = "strong"
    POSSIBLE = "possible"


class Thresholds(msgspec.Struct, frozen=True):
    """Least mean similarity (0 to 1) of a STRONG and of a POSSIBLE verdict."""

    strong: float = 0.9
    possible: float = 0.85


DEFAULT = Thresholds()


class Pair(msgspec.Struct, frozen=True, gc=False):
    """One token of the query and the token, or adjacent tokens, of the listed name that explain it."""

    query: str
    entry: Tokens
    similarity: int  # percent

    def __str__(self) -> str:
        joined = " ".join(self.entry)
        return f"{self.query} = {joined}" if self.similarity == 100 else f"{self.query} ~ {joined} {self.similarity} %"


class Alignment(msgspec.Struct, frozen=True, gc=False):
    """Which tokens explain which: the explanation of a verdict.

    pairs in query order; unexplained and dropped: tokens of the query; unused: positions in `entry`.
    """

    entry: Tokens
    pairs: tuple[Pair, ...]
    unexplained: Tokens
    dropped: Tokens
    unused: tuple[int, ...]

    @property
    def mean(self) -> float:
        """Mean similarity over the query tokens that count, percent; 0 without any."""
        counted = len(self.pairs) + len(self.unexplained)
        return sum(pair.similarity for pair in self.pairs) / counted if counted else 0.0

    @property
    def explained(self) -> bool:
        """Every query token has its counterpart, and at least two tokens of the listed name are used."""
        return not self.unexplained and len(self.entry) - len(self.unused) >= MIN_USED

    def __str__(self) -> str:
        """
        >>> print(align(("vitaly", "andreyev"), ("vitaliy", "sergeyevich", "andreyev")))
        vitaly ~ vitaliy 90 %, andreyev = andreyev; listed name also has sergeyevich
        """
        text = ", ".join(map(str, self.pairs))
        if self.unexplained:
            text += f"; not in the listed name: {' '.join(self.unexplained)}"
        if self.unused:
            text += f"; listed name also has {' '.join(self.entry[at] for at in self.unused)}"
        return text


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """A query against one listed name, before anything else about the payee is known.

    plain: without, romanised: with romanised surnames taken as near (None where that makes no difference).
    """

    organisation: bool
    plain: Alignment
    romanised: Alignment | None = None

    @property
    def promising(self) -> bool:
        """Whether some thresholds and some corroborator could make it a match."""
        return any(_verdict(self.organisation, one, _LOWEST) for one in (self.plain, self.romanised) if one)


class Judgement(msgspec.Struct, frozen=True, gc=False):
    verdict: Verdict | None
    alignment: Alignment


_LOWEST = Thresholds(strong=0.0, possible=0.0)


def similarity(a: str, b: str) -> int:
    """Similarity of two tokens in percent: 100 equal, 90 or 75 for long ones one or two edits apart, 85 for short ones.

    >>> [similarity(*pair) for pair in (("sun", "sun"), ("sun", "son"), ("sung", "sun"), ("yousef", "yousif"))]
    [100, 0, 85, 90]
    >>> similarity("mohammed", "muhammad"), similarity("yousef", "yusif")
    (75, 0)
    """
    if a == b:
        return 100
    longer = max(len(a), len(b))
    if longer <= 3 or abs(len(a) - len(b)) > 2:
        return 0
    distance = Levenshtein.distance(a, b, score_cutoff=2)
    if distance == 1:
        return 90 if longer >= 6 else 85
    return 75 if distance == 2 and longer >= 8 else 0


def align(query: Sequence[str], entry: Sequence[str], *, romanised: bool = False) -> Alignment:
    """Greedy one-to-one alignment: equal tokens, then by falling similarity, then joined tokens, then lone initials.

    romanised: spellings of the same Korean surname count as 90 %. Cost: O(len(query) × len(entry)).

    >>> str(align(("ungsun", "kim"), ("kim", "ung", "sun")))
    'ungsun = ung sun, kim = kim'
    >>> align(("j", "smith"), ("john", "smith")).dropped
    ('j',)
    """
    pairs: dict[int, Pair] = {}
    free = [True] * len(entry)

    def take(at: int, positions: range, percent: int) -> None:
        pairs[at] = Pair(query[at], tuple(entry[position] for position in positions), percent)
        for position in positions:
            free[position] = False

    for at, token in enumerate(query):
        for position, listed in enumerate(entry):
            if free[position] and listed == token:
                take(at, range(position, position + 1), 100)
                break
    if len(pairs) < len(query):
        near = []
        for at, token in enumerate(query):
            if at in pairs:
                continue
            for position, listed in enumerate(entry):
                if free[position] and (percent := _near(token, listed, romanised)):
                    near.append((-percent, at, position))
        for falling, at, position in sorted(near):
            if at not in pairs and free[position]:
                take(at, range(position, position + 1), -falling)
        for at, token in enumerate(query):
            if at not in pairs and (run := _joined(token, entry, free)):
                take(at, run, 100)
    left = [token for at, token in enumerate(query) if at not in pairs]
    return Alignment(
        entry=tuple(entry),
        pairs=tuple(pairs[at] for at in sorted(pairs)),
        unexplained=tuple(token for token in left if not is_initial(token)),
        dropped=tuple(token for token in left if is_initial(token)),
        unused=tuple(position for position, unused in enumerate(free) if unused),
    )


def is_initial(token: str) -> bool:
    """A single letter, which may stay unexplained; a single digit may not: it tells firms apart."""
    return len(token) == 1 and token.isalpha()


def _near(token: str, listed: str, romanised: bool) -> int:
    if romanised and listed in ROMANISED.get(token, ()):
        return 90
    return similarity(token, listed)


def _joined(token: str, entry: Sequence[str], free: Sequence[bool]) -> range | None:
    """The first run of two or more adjacent free tokens that, written together, are the token."""
    for start in range(len(entry) - 1):
        end, joined = start, ""
        while end < len(entry) and free[end] and len(joined) < len(token):
            joined += entry[end]
            end += 1
        if joined == token and end - start > 1:
            return range(start, end)
    return None


def compare(query: Tokens, entry: Tokens, *, organisation: bool) -> Comparison:
    """Align a query with a listed name. Only people have surnames to romanise."""
    plain = align(query, entry)
    if organisation or not (plain.unexplained or plain.dropped or plain.mean < 100):
        return Comparison(organisation, plain)
    if not any(listed in ROMANISED.get(token, ()) for token in query for listed in entry if listed != token):
        return Comparison(organisation, plain)
    return Comparison(organisation, plain, align(query, entry, romanised=True))


def decide(
    comparison: Comparison, *, corroborated: bool = False, weak: bool = False, thresholds: Thresholds = DEFAULT
) -> Judgement:
    """The verdict: romanised surnames and weak names need a corroborator, and are never more than POSSIBLE."""
    alignment = comparison.plain
    verdict = _verdict(comparison.organisation, alignment, thresholds)
    if verdict is None and corroborated and comparison.romanised:
        alignment = comparison.romanised
        if _verdict(comparison.organisation, alignment, thresholds):
            verdict = Verdict.POSSIBLE
    if weak and verdict:
        verdict = Verdict.POSSIBLE if corroborated else None
    return Judgement(verdict, alignment)


def judge_person(
    query: Tokens, entry: Tokens, *, corroborated: bool = False, weak: bool = False, thresholds: Thresholds = DEFAULT
) -> Judgement:
    """Verdict on a person's tokens against a listed person's.

    >>> judge_person(("kim", "un", "sung"), ("ung", "sun", "kim")).verdict is None
    True
    >>> judge_person(("gim", "ung", "sun"), ("ung", "sun", "kim"), corroborated=True).verdict
    <Verdict.POSSIBLE: 'possible'>
    """
    comparison = compare(query, entry, organisation=False)
    return decide(comparison, corroborated=corroborated, weak=weak, thresholds=thresholds)


def judge_organisation(
    query: Tokens, entry: Tokens, *, corroborated: bool = False, weak: bool = False, thresholds: Thresholds = DEFAULT
) -> Judgement:
    """Verdict on an organisation's tokens against a listed organisation's; generic words may be left out.

    >>> judge_organisation(("acme", "bolts"), ("acme", "bolts", "trading")).verdict
    <Verdict.POSSIBLE: 'possible'>
    """
    comparison = compare(query, entry, organisation=True)
    return decide(comparison, corroborated=corroborated, weak=weak, thresholds=thresholds)


def _verdict(organisation: bool, alignment: Alignment, thresholds: Thresholds) -> Verdict | None:
    if not alignment.explained:
        return None
    mean = alignment.mean + _ROUNDING
    if not alignment.unused and mean >= 100 * thresholds.strong:
        return Verdict.STRONG
    spare = _only_generic_unused if organisation else _only_patronymic_unused
    return Verdict.POSSIBLE if mean >= 100 * thresholds.possible and spare(alignment) else None


def _only_generic_unused(alignment: Alignment) -> bool:
    return all(alignment.entry[at] in GENERIC for at in alignment.unused)


def _only_patronymic_unused(alignment: Alignment) -> bool:
    if not alignment.unused:
        return True
    at, *more = alignment.unused
    inner = 0 < at < len(alignment.entry) - 1
    return not more and inner and sum(map(str.isalpha, alignment.entry[at])) >= PATRONYMIC_LETTERS
