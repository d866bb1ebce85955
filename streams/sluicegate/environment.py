"""Settings as fields of a struct: what each is, and how texts of the environment become one; faults are collected."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, inspect

__all__ = ["Fault", "Setting", "about", "convert", "describe"]

S = TypeVar("S", bound=msgspec.Struct)

_KINDS = ((inspect.BoolType, "switch"), (inspect.IntType, "whole number"), (inspect.FloatType, "number"))


def about(description: str, unit: str = "", *, secret: bool = False) -> Meta:
    """What a setting means, and its unit; a secret one comes from the environment only and is never shown."""
    return Meta(description=description, extra={"unit": unit, "secret": secret})


@dataclass(frozen=True)
class Setting:
    """One setting as pages, options and checks show it."""

    field: str
    variable: str
    kind: str
    """switch, whole number, number, choice or text."""
    bounds: str
    """In words; inclusive unless they say otherwise; empty where anything goes."""
    unit: str
    default: str
    """As a text of the environment; empty where there is none."""
    meaning: str
    secret: bool = False

    @property
    def allowed(self) -> str:
        """Kind, bounds and unit in one phrase."""
        kind = "one of" if self.kind in ("choice", "switch") else f"{self.kind},"
        bounds = f"{kind} {self.bounds}" if self.bounds else self.kind
        return f"{bounds}, in {self.unit}" if self.unit else bounds


@dataclass(frozen=True)
class Fault:
    """What is wrong with one variable. `place` names it, and the option where the value came from one."""

    variable: str
    place: str
    wrong: str
    """What follows the place: `: Expected ...`, ` is not a setting`."""

    def __str__(self) -> str:
        return f"{self.place}{self.wrong}"


def describe(kind: type[msgspec.Struct], prefix: str) -> Iterator[Setting]:
    """Every setting, in the order of the struct."""
    infos: Any = inspect.type_info(kind)
    for field, info in zip(msgspec.structs.fields(kind), infos.fields, strict=True):
        extra = info.type.extra
        bare = _bare(info.type)
        choices = _choices(field.type)
        yield Setting(
            field=field.name,
            variable=prefix + field.name.upper(),
            kind="choice" if get_origin(_unannotated(field.type)) is Literal else _kind(bare),
            bounds=", ".join(choices) if choices else _bounds(bare),
            unit=extra["unit"],
            default=_text(field.default),
            meaning=info.type.extra_json_schema["description"],
            secret=extra.get("secret", False),
        )


def convert(
    kind: type[S], prefix: str, environ: Mapping[str, str], given: Mapping[str, Any], *, here: bool = True
) -> tuple[S | None, list[Fault]]:
    """A struct of settings: defaults, then variables, then what was `given` by option (None: not given).

    With any fault there is no struct. A struct's methods `conflicts` and, where the settings are meant for `here`,
    `absent` give (field, why) of settings at odds and of files that are not there.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    values: dict[str, Any] = {}
    faults = []

    def place(name: str) -> str:
        variable = prefix + name.upper()
        return f"--{name.replace('_', '-')} ({variable})" if name in chosen else variable

    for field in msgspec.structs.fields(kind):
        name = field.name
        value = chosen.get(name, environ.get(prefix + name.upper()))
        if value is None:
            continue
        try:
            values[name] = msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError as error:
            choices = _choices(field.type)
            listed = f"; must be one of {', '.join(choices)}" if choices else ""
            faults.append(Fault(prefix + name.upper(), place(name), f": {error}{listed}"))
    if faults:
        return None, faults
    made = kind(**values)
    questions = ("conflicts", "absent") if here else ("conflicts",)
    wrong: Iterable[tuple[str, str]] = chain(*(getattr(made, ask)() for ask in questions if hasattr(made, ask)))
    faults = [Fault(prefix + name.upper(), place(name), f": {why}") for name, why in wrong]
    return (None, faults) if faults else (made, [])


def _unannotated(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _choices(kind: Any) -> tuple[str, ...]:
    """The valid values of an enumeration or a switch; none for other types."""
    bare = _unannotated(kind)
    if bare is bool:
        return ("true", "false")
    return tuple(value or "(empty)" for value in get_args(bare)) if get_origin(bare) is Literal else ()


def _bare(info: Any) -> Any:
    """The type under what is said about it, and under `| None`."""
    while isinstance(info, inspect.Metadata):
        info = info.type
    if isinstance(info, inspect.UnionType):
        return _bare(next(one for one in info.types if not isinstance(one, inspect.NoneType)))
    return info


def _kind(info: Any) -> str:
    return next((name for kind, name in _KINDS if isinstance(info, kind)), "text")


def _bounds(info: Any) -> str:
    """Bounds in words.

    >>> _bounds(inspect.type_info(Annotated[int, Meta(ge=1, le=8)]))
    '1 to 8'
    >>> _bounds(inspect.type_info(Annotated[float, Meta(gt=0, le=8)]))
    'above 0, at most 8'
    """
    if isinstance(info, inspect.StrType):
        parts = ("not empty" if info.min_length else "", f"as {info.pattern}" if info.pattern else "")
        return ", ".join(filter(None, parts))
    if not isinstance(info, inspect.IntType | inspect.FloatType):
        return ""
    if info.ge is not None and info.le is not None:
        return f"{info.ge} to {info.le}"
    told = (("at least", info.ge), ("above", info.gt), ("at most", info.le), ("below", info.lt))
    return ", ".join(f"{word} {bound}" for word, bound in told if bound is not None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
