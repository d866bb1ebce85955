"""What a name is found by when its tokens are spelled otherwise: pieces of it that most misspellings leave alone.

Character trigrams survive typos, joined and reordered tokens, consonant skeletons survive another romanisation and
left-out vowels, and the first letters survive abbreviation.
"""

from functools import lru_cache

from sluicegate.screening.skeleton import skeleton
from sluicegate.screening.verdict import Tokens

_CACHED_TOKENS = 1 << 12


def grams(tokens: Tokens) -> tuple[str, ...]:
    """Distinct pieces of a folded name: trigrams of each token with its bounds, skeletons (~), first letters (#).

    The order is that of the tokens; for screening only the set matters.

    >>> grams(("kim", "il"))
    ('^ki', 'kim', 'im$', '~km', '^il', 'il$', '~al', '#ik')
    """
    pieces = [piece for token in tokens for piece in _token_grams(token)]
    if len(tokens) > 1:
        pieces.append("#" + "".join(sorted([token[0] for token in tokens])))
    return tuple(dict.fromkeys(pieces))


@lru_cache(maxsize=_CACHED_TOKENS)
def _token_grams(token: str) -> tuple[str, ...]:
    bounded = f"^{token}$"
    return (*(bounded[at : at + 3] for at in range(len(token))), "~" + skeleton(token))
