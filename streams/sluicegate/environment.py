"""Settings from the environment: fields of a struct by name, checked; an unknown variable of the prefix is refused."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta

from sluicegate.errors import SettingsError

__all__ = ["about", "describe", "read"]

S = TypeVar("S", bound=msgspec.Struct)


def about(description: str, unit: str = "") -> Meta:
    """What a setting means, and its unit."""
    return Meta(description=description, extra={"unit": unit})


def read(
    kind: type[S], prefix: str, environ: Mapping[str, str], given: Mapping[str, Any], foreign: Callable[[str], bool]
) -> S:
    """A struct of settings: defaults, then variables, then what was `given` by option (None: not given).

    `foreign` tells of variables under the prefix that others read. Raises SettingsError, naming variable and option.
    """
    fields = {prefix + name.upper(): name for name in kind.__struct_fields__}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(prefix) or foreign(variable):
            continue
        if variable not in fields:
            # without the prefix, which would make anything look like everything
            names = [known.removeprefix(prefix) for known in fields]
            near = difflib.get_close_matches(variable.removeprefix(prefix), names, n=1, cutoff=0.8)
            hint = f" (did you mean {prefix}{near[0]}?)" if near else ""
            raise SettingsError(f"{variable} is not a setting{hint}")
        values[fields[variable]] = text
    chosen = {name: value for name, value in given.items() if value is not None}
    values |= chosen
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in values.items():
        try:
            values[name] = msgspec.convert(value, types[name], strict=False)
        except msgspec.ValidationError as error:
            variable = prefix + name.upper()
            place = f"--{name.replace('_', '-')} ({variable})" if name in chosen else variable
            choices = _choices(types[name])
            listed = f"; must be one of {', '.join(choices)}" if choices else ""
            raise SettingsError(f"{place}: {error}{listed}") from None
    return kind(**values)


def _choices(kind: Any) -> tuple[str, ...]:
    """The valid values of an enumeration or a switch; none for other types."""
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if bare is bool:
        return ("true", "false")
    return get_args(bare) if get_origin(bare) is Literal else ()


def describe(kind: type[msgspec.Struct], prefix: str) -> Iterator[tuple[str, str, Any, str]]:
    """Environment name, unit, default and description of every setting, in the order of the struct."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    infos = {field.encode_name: field for field in msgspec.inspect.type_info(kind).fields}  # type: ignore[attr-defined]
    for field in msgspec.structs.fields(kind):
        info: Any = infos[field.name].type
        unit = (getattr(info, "extra", None) or {}).get("unit", "")
        choices = _choices(field.type)
        meaning = schema[field.name]["description"] + (f"; one of {', '.join(choices)}" if choices else "")
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        yield prefix + field.name.upper(), unit, default, meaning
