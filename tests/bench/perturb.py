"""Own perturbations of listed names, for training: what clerks, printers, scanners and people who hide do to a name."""

import random
import re
from collections.abc import Callable

Perturbation = Callable[[str, random.Random], str]


def _words(text: str) -> list[str]:
    return text.split()


_LOOKALIKES = str.maketrans("ABEKMHOPCTXSIaeopcyxsi", "АВЕКМНОРСТХЅІаеорсухѕі")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad \u00a0"
_KEYS = {  # on a QWERTY keyboard
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol",
    "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil", "l": "kop",
    "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
_SCANNED = (("m", "rn"), ("o", "0"), ("l", "1"), ("i", "1"), ("s", "5"), ("b", "8"), ("e", "c"), ("g", "9"), ("z", "2"),
            ("w", "vv"), ("d", "cl"), ("h", "li"), ("u", "ii"), ("n", "ri"), ("t", "f"), ("c", "e"))  # fmt: skip
_SOUNDS = (("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "c"), ("c", "k"), ("s", "z"), ("z", "s"), ("v", "w"),
           ("w", "v"),
           ("ei", "ie"), ("ie", "ei"), ("y", "i"), ("i", "y"), ("ee", "i"), ("ou", "u"), ("oo", "u"), ("kh", "h"),
           ("q", "k"), ("x", "ks"), ("ai", "ay"), ("j", "g"), ("sh", "sch"), ("ts", "tz"), ("th", "t"))  # fmt: skip
_SPELLINGS = (
    "mohammed mohammad muhammad mohamed muhammed mohamad", "ahmed ahmad akhmad ahmet", "abdullah abdallah abdulla",
    "hussein hussain husayn husein hossein huseyin", "hassan hasan hassen", "aleksandr alexander alexandr oleksandr",
    "aleksey alexey alexei aleksei oleksiy", "sergey sergei serguei serhiy", "dmitry dmitri dmitriy dimitri dmytro",
    "evgeny yevgeny evgeniy yevgeni", "yuri yury yuriy iurii", "andrey andrei andriy", "vitaliy vitaly vitalii vitali",
    "yusuf yousef youssef yousif", "usama osama ousama", "umar omar omer", "ali aly", "said saeed sayed saeid",
    "khalid khaled", "mahmud mahmoud mehmood", "mustafa mostafa moustafa", "ibrahim ebrahim ibraheem", "reza riza",
    "nikolay nikolai mykola", "mikhail mihail mykhailo", "vladimir volodymyr", "gennady gennadiy gennadii",
    "ri lee rhee yi", "pak park bak", "choe choi", "kim gim", "jong jung jeong chung", "yong young", "song sung",
    "chol cheol", "gholam gulam ghulam", "jamal gamal djamal", "qasim kassem qassem kasim", "tariq tarek tarik",
)  # fmt: skip
_SPELLED = {name: group.split() for group in _SPELLINGS for name in group.split()}
_TITLES = ("Mr.", "Mrs", "Dr", "Prof.", "Sir", "Eng.", "Haji", "Col.", "Rev")
_SUFFIXES = ("Jr.", "Sr", "II", "III", "PhD", "Esq.", "MD")
_ENDINGS = (("iy", "y"), ("y", "iy"), ("y", "i"), ("ij", "y"), ("ov", "off"), ("ev", "eff"), ("evich", "yevich"),
            ("ovich", "ovych"), ("ev", "yev"), ("ia", "iya"), ("ya", "ia"), ("sky", "skiy"), ("skiy", "ski"),
            ("al-", "el-"), ("abd al-", "abdul "), ("kh", "h"), ("zh", "j"), ("yu", "iu"), ("sh", "ch"))  # fmt: skip
_PARTICLES = frozenset(
    _words("""
    al el bin ibn ben abu abd de del la los y of the and van von der e da
""")
)


def order(name: str, rng: random.Random) -> str:
    tokens = name.replace(",", "").split()
    match rng.randrange(4):
        case 0:
            tokens = [*tokens[1:], tokens[0]]
        case 1:
            tokens = [tokens[-1], *tokens[:-1]]
        case 2:
            tokens.reverse()
        case _:
            rng.shuffle(tokens)
    return " ".join(tokens) if rng.random() < 0.7 else f"{tokens[0]}, {' '.join(tokens[1:])}"


def drop(name: str, rng: random.Random) -> str:
    tokens = name.split()
    if len(tokens) < 3:
        return name
    tokens.pop(rng.randrange(len(tokens)))
    return " ".join(tokens)


def initials(name: str, rng: random.Random) -> str:
    tokens = name.split()
    if len(tokens) < 2:
        return name
    keep = rng.randrange(len(tokens))
    every = rng.random() < 0.5
    dot = rng.choice(("", "."))
    kept = {keep} if every else set(range(len(tokens))) - {(keep + 1) % len(tokens)}
    return " ".join(t if at in kept or len(t) < 2 else t[0] + dot for at, t in enumerate(tokens))


def affix(name: str, rng: random.Random) -> str:
    return f"{rng.choice(_TITLES)} {name}" if rng.random() < 0.5 else f"{name} {rng.choice(_SUFFIXES)}"


def lookalikes(name: str, rng: random.Random) -> str:
    share = rng.choice((0.15, 0.4, 1.0))
    return "".join(c.translate(_LOOKALIKES) if rng.random() < share else c for c in name)


def invisible(name: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(1, len(name))
        name = name[:at] + rng.choice(_INVISIBLE) + name[at:]
    return name


def vowels(name: str, rng: random.Random) -> str:
    tokens = name.split()
    chosen = set(range(len(tokens))) if rng.random() < 0.6 else {rng.randrange(len(tokens))}
    whole = rng.random() < 0.5
    return " ".join(
        (t[0] + re.sub("[aeiouAEIOU]", "", t[1:]) if whole or rng.random() < 0.8 else t) if at in chosen else t
        for at, t in enumerate(tokens)
    )


def doubles(name: str, rng: random.Random) -> str:
    if rng.random() < 0.6 and (found := list(re.finditer(r"([a-zA-Z])\1", name))):
        at = rng.choice(found).start()
        return name[:at] + name[at + 1 :]
    letters = [at for at, c in enumerate(name) if c.isalpha()]
    at = rng.choice(letters) if letters else 0
    return name[:at] + name[at].lower() + name[at:] if letters else name


def sounds(name: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 2))):
        name = _replace(name, _SOUNDS, rng)
    return name


def scanned(name: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 2))):
        name = _replace(name, _SCANNED, rng)
    return name


def typo(name: str, rng: random.Random) -> str:
    letters = [at for at, c in enumerate(name) if c.isascii() and c.isalpha()]
    if not letters:
        return name
    at = rng.choice(letters)
    key = rng.choice(_KEYS[name[at].lower()])
    key = key.upper() if name[at].isupper() else key
    match rng.randrange(4):
        case 0:
            return name[:at] + name[at + 1 :]
        case 1:
            return name[:at] + key + name[at:]
        case _:
            return name[:at] + key + name[at + 1 :]


def transposed(name: str, rng: random.Random) -> str:
    places = [
        at for at in range(len(name) - 1) if name[at].isalpha() and name[at + 1].isalpha() and name[at] != name[at + 1]
    ]
    if not places:
        return name
    at = rng.choice(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def cut(name: str, rng: random.Random) -> str:
    limit = rng.choice((18, 20, 22, 24, 30, 35, len(name) - 1, len(name) - 2, len(name) - 3))
    return name[: max(limit, 6)].rstrip()


def romanised(name: str, rng: random.Random) -> str:
    tokens = re.split(r"(\W+)", name)
    known = [at for at, t in enumerate(tokens) if t.lower() in _SPELLED]
    if known and rng.random() < 0.7:
        at = rng.choice(known)
        other = rng.choice([s for s in _SPELLED[tokens[at].lower()] if s != tokens[at].lower()])
        tokens[at] = other.upper() if tokens[at].isupper() else other.capitalize()
        return "".join(tokens)
    return _replace(name, _ENDINGS, rng)


def punctuation(name: str, rng: random.Random) -> str:
    marks = [at for at, c in enumerate(name) if not c.isalnum() and c != " "]
    if marks:
        at = rng.choice(marks)
        return name[:at] + rng.choice(("", " ")) + name[at + 1 :]
    blanks = [at for at, c in enumerate(name) if c == " "]
    if not blanks:
        return name
    at = rng.choice(blanks)
    return name[:at] + rng.choice(("-", "", ", ", "'")) + name[at + 1 :]


def particle(name: str, rng: random.Random) -> str:
    tokens = re.split(r"([\s-]+)", name)
    held = [at for at, t in enumerate(tokens) if t.lower() in _PARTICLES]
    if held:
        at = rng.choice(held)
        match rng.randrange(3):
            case 0:
                tokens[at : at + 2] = []
            case 1 if at + 1 < len(tokens):
                tokens[at + 1] = ""
            case _ if at + 1 < len(tokens):
                tokens[at + 1] = rng.choice(("-", " "))
            case _:
                pass
        return "".join(tokens).strip()
    return name.replace("-", rng.choice((" ", ""))) if "-" in name else name


def middle(name: str, rng: random.Random) -> str:
    """A person's patronymic, or another name between the first and the last, left out."""
    tokens = name.split()
    if len(tokens) < 3:
        return name
    fathers = [at for at, t in enumerate(tokens) if re.search("(ich|vna|ovych|evych|oglu|ogly)$", t.lower()) and at]
    tokens.pop(fathers[0] if fathers else rng.randrange(1, len(tokens) - 1))
    return " ".join(tokens)


PERTURBATIONS: dict[str, Perturbation] = {
    "name_order": order,
    "token_drop": drop,
    "initials": initials,
    "title_affix": affix,
    "homoglyph": lookalikes,
    "invisible_char": invisible,
    "vowel_drop": vowels,
    "double_collapse": doubles,
    "phonetic": sounds,
    "ocr": scanned,
    "typo": typo,
    "transpose": transposed,
    "truncate": cut,
    "translit": romanised,
    "punctuation": punctuation,
    "particle": particle,
}
"""By class; the names are those of the reference data, so that a class can be left out on both sides."""


def hard_cross(first: str, second: str, rng: random.Random) -> str:
    """A token of one name with one of another."""
    return f"{rng.choice(first.split())} {rng.choice(second.split())}"


def hard_swap(name: str, other: str, rng: random.Random) -> str:
    """One token replaced by that of another name."""
    tokens = name.split()
    strange = [t for t in other.split() if t.lower() not in name.lower()] or ["Zyx"]
    tokens[rng.randrange(len(tokens))] = rng.choice(strange)
    return " ".join(tokens)


def hard_edit(name: str, rng: random.Random) -> str:
    """Several letters of one distinctive token replaced: another name of the same length."""
    tokens = name.split()
    at = max(range(len(tokens)), key=lambda place: (rng.random() + 0.2) * min(len(tokens[place]), 8))
    letters = list(tokens[at])
    places = [place for place, c in enumerate(letters) if c.isalpha()]
    if len(places) < 3:
        return hard_swap(name, "Zorvim", rng)
    for place in rng.sample(places, max(2, round(len(places) * rng.uniform(0.45, 0.8)))):
        letters[place] = rng.choice("abcdefghiklmnoprstuvyz")
    tokens[at] = "".join(letters)
    return " ".join(tokens)


def _replace(name: str, table: tuple[tuple[str, str], ...], rng: random.Random) -> str:
    lowered = name.lower()
    found = [(old, new) for old, new in table if old in lowered]
    if not found:
        return name
    old, new = rng.choice(found)
    places = [m.start() for m in re.finditer(re.escape(old), lowered)]
    at = rng.choice(places)
    return name[:at] + (new.upper() if name[at].isupper() and name.isupper() else new) + name[at + len(old) :]


def hard_syllable(name: str, other: str, rng: random.Random) -> str:
    """One short syllable replaced by one of another name: in Korean and Chinese names that is somebody else."""
    tokens, others = re.findall(r"\w+", name), re.findall(r"\w+", other)
    if rng.random() < 0.4:
        places = rng.sample(range(len(tokens)), min(2, len(tokens)))
        for at in places:
            tokens[at] = _other_syllable(tokens[at], rng)
        return " ".join(tokens)
    at = rng.randrange(1, len(tokens))
    strange = [t for t in others if t.lower() not in name.lower()]
    if strange and rng.random() < 0.6:
        tokens[at] = rng.choice(strange)
    else:
        tokens[at] = rng.choice(_SYLLABLES)
    return " ".join(tokens)


_SYLLABLES = _words("""
    Un Ung Sun Sung Son Song Chol Chun Min Mi Hak Ho Yon Yong Nam Su Kyong Il Gil Hye Jin Jong
""")


def _other_syllable(token: str, rng: random.Random) -> str:
    """A syllable one letter away."""
    near = [s for s in _SYLLABLES if s.lower() != token.lower() and s[0].lower() == token[0].lower()]
    if token.lower().endswith("ng"):
        near.append(token[:-1])
    elif token.lower().endswith("n"):
        near.append(token + "g")
    return rng.choice(near or _SYLLABLES)


def hard_lineage(name: str, rng: random.Random) -> str:
    """Father and child exchanged."""
    tokens = name.split()
    for at, token in enumerate(tokens[1:-1], start=1):
        if token.lower() in ("bin", "ibn", "ben", "bint"):
            tokens[at - 1], tokens[at + 1] = tokens[at + 1], tokens[at - 1]
            break
    return " ".join(tokens)


def hard_number(name: str, rng: random.Random) -> str:
    """Another number: a sister fund, ship or plant. A name without one gets two that differ from what it may have."""
    digits = list(re.finditer(r"\d+", name))
    if digits:
        found = rng.choice(digits)
        return name[: found.start()] + str(int(found[0]) + rng.choice((1, 2, 10))) + name[found.end() :]
    roman = re.search(r"\b(II|III|IV|VI|VII)\b", name)
    if roman:
        return name[: roman.start()] + rng.choice(("V", "IX", "XI", "XII")) + name[roman.end() :]
    return name
