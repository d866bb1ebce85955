"""Options for settings: one each, with its meaning, unit, default and variable."""

from collections.abc import Callable, Iterable
from typing import Any

import click

__all__ = ["setting_options"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def setting_options(prefix: str, described: Iterable[tuple[str, str, Any, str]]) -> Decorator:
    """An option for every setting. The texts go to `load` as they are: it knows types and bounds."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for variable, unit, default, meaning in reversed(list(described)):
            name = variable.removeprefix(prefix).lower().replace("_", "-")
            shown = "" if default in ("", None) else f" Default: {default}{' ' + unit if unit else ''}."
            text = f"{meaning[:1].upper()}{meaning[1:]}.{shown}  [env: {variable}]"
            function = click.option(f"--{name}", metavar=(unit or "text").upper(), help=text)(function)
        return function

    return decorate
