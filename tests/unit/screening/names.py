"""Names for property tests: small vocabularies, so that coincidences are common, and the errors people make."""

from hypothesis import strategies as st

from sluicegate.screening.verdict import Tokens

VOCABULARY = [
    *["kim", "gim", "u", "wu", "woo", "ung", "sun", "sung", "ungsun", "jong", "chung", "li", "lee", "il", "a", "al"],
    *["vitaliy", "vitaly", "sergeyevich", "andreyev", "andreev", "mohammed", "muhammad", "pavel", "paval", "anna"],
    *["korea", "trading", "technology", "sinjin", "geum", "pungri", "geumpungri", "5", "bolts"],
]

_words = st.sampled_from(VOCABULARY)
_letters = st.text("abgimnsu", min_size=1, max_size=10)
names = st.lists(_words | _letters, min_size=1, max_size=5).map(tuple)


@st.composite
def perturbed(draw: st.DrawFn, listed: list[Tokens]) -> Tokens:
    """A listed name with tokens edited, joined, left out, added, or in another order."""
    tokens = list(draw(st.sampled_from(listed)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(["edit", "edit", "join", "drop", "add", "swap", "respell"])):
            case "edit":
                token = tokens[at]
                place = draw(st.integers(0, len(token)))
                cut = draw(st.integers(0, 1))
                tokens[at] = token[:place] + draw(st.sampled_from(["", "a", "i", "n"])) + token[place + cut :] or token
            case "join":
                tokens[at : at + 2] = ["".join(tokens[at : at + 2])]
            case "drop":
                tokens = tokens[:at] + tokens[at + 1 :] or tokens
            case "add":
                tokens.insert(at, draw(_words))
            case "swap":
                tokens.append(tokens.pop(at))
            case _:
                tokens[at] = draw(_words)
    return tuple(tokens)
