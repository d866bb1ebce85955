"""Options for settings: one each, with its meaning, unit, default and variable."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from sluicegate.environment import Setting

__all__ = ["setting_options"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def setting_options(settings: Iterable[Setting]) -> Decorator:
    """An option for every setting but secrets, which other users of the machine could read from a command line.

    The texts go to `load` as they are: it knows types and bounds.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed([one for one in settings if not one.secret]):
            name = one.field.replace("_", "-")
            meaning = f"{one.meaning[:1].upper()}{one.meaning[1:]}"
            choices = f"; one of {one.bounds}" if one.kind in ("choice", "switch") else ""
            shown = f" Default: {one.default}{' ' + one.unit if one.unit else ''}." if one.default else ""
            text = f"{meaning}{choices}.{shown}  [env: {one.variable}]"
            function = click.option(f"--{name}", metavar=(one.unit or "text").upper(), help=text)(function)
        return function

    return decorate
