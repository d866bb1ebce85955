"""A module under mutation: its source, its mutants, and how a mutant gets into a running process."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.bench.mutation_operators import Mutant, mutants, mutated


class Module:
    """A source file of the package; `name` is its path below the package."""

    def __init__(self, name: str, file: Path, source: str) -> None:
        self.name, self.file, self.lines = name, file, source.splitlines()
        self.tree = ast.parse(source)
        self.mutants: list[Mutant] = mutants(self.tree)

    @classmethod
    def read(cls, name: str, file: Path) -> Module:
        return cls(name, file, file.read_text())

    @property
    def dotted(self) -> str:
        return "sluicegate." + self.name.removesuffix(".py").replace("/", ".")

    def shown(self, number: int) -> tuple[str, str]:
        """(source line, what changes) of a mutant."""
        mutant = self.mutants[number]
        return self.lines[mutant.line - 1].strip(), mutant.what

    def code(self, number: int) -> CodeType:
        return mutated(self.tree, self.mutants[number], str(self.file))

    @cached_property
    def body_lines(self) -> set[int]:
        """Lines inside of functions."""
        return {
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for line in _lines(node)
        }

    @cached_property
    def defines(self) -> set[str]:
        """Names that statements outside of functions assign."""
        targets = [node.targets[0] for node in self.tree.body if isinstance(node, ast.Assign)]
        return {target.id for target in targets if isinstance(target, ast.Name)}

    @cached_property
    def imports(self) -> set[str]:
        """Modules that it imports from."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        return {name for node in found for name in (str(node.module), *(f"{node.module}.{n.name}" for n in node.names))}

    @cached_property
    def uses(self) -> dict[str, set[int]]:
        """Name or attribute -> lines inside of functions that mention it."""
        found: dict[str, set[int]] = {}
        for node in ast.walk(self.tree):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if name is not None and node.lineno in self.body_lines:  # type: ignore[attr-defined]
                found.setdefault(name, set()).add(node.lineno)  # type: ignore[attr-defined]
        return found

    def span(self, number: int) -> range:
        """The lines of the statement that holds a mutant."""
        node: Any = self.tree
        best = range(self.mutants[number].line, self.mutants[number].line + 1)
        for field, index in self.mutants[number].path:
            node = getattr(node, field) if index is None else getattr(node, field)[index]
            simple = isinstance(node, ast.stmt) and not hasattr(node, "body")
            if simple:
                return range(node.lineno, (node.end_lineno or node.lineno) + 1)
        return best


def _lines(node: Any) -> range:
    body = node.body if isinstance(node.body, list) else [node.body]
    return range(body[0].lineno, (body[-1].end_lineno or body[-1].lineno) + 1)


def swap(module: Module, number: int) -> bool:
    """Put a mutant into the imported module; whether its function was found."""
    dotted = module.mutants[number].function
    assert dotted is not None
    function = _function(sys.modules[module.dotted], dotted)
    code = next((c for c in _nested(module.code(number)) if c.co_qualname == dotted), None)
    if function is None or code is None or code.co_freevars != function.__code__.co_freevars:
        return False
    function.__code__ = code
    for cached in caches():
        cached.cache_clear()
    return True


@cache
def caches() -> list[Any]:
    """Every function that remembers its results. Slow the first time, and so asked for before any fork."""
    return [one for one in gc.get_objects() if type(one).__name__ == "_lru_cache_wrapper" and _is_ours(one)]


def _is_ours(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith(("sluicegate", "tests"))


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _nested(const)


def _function(module: ModuleType, dotted: str) -> FunctionType | None:
    found: Any = module
    for name in dotted.split("."):
        found = vars(found).get(name)
    if isinstance(found, property):
        found = found.fget
    found = getattr(found, "__func__", found)
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found if isinstance(found, FunctionType) else None


class Changed(MetaPathFinder, Loader):
    """Imports one module with a mutant in it."""

    def __init__(self, module: Module, number: int) -> None:
        self._module, self._number = module, number

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._module.dotted:
            return None
        return spec_from_file_location(fullname, self._module.file, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._module.code(self._number), vars(module))
