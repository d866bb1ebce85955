"""Mutants of a module: small changes to its syntax tree, each of which some test should notice.

Left out are docstrings, annotations, `__all__`, assertions about types and what is there for type checkers alone. Texts
for people (whatever has a space in it or is part of an f-string) are marked, so that they can be counted apart.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CodeType
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNSEEN_CALLS = frozenset(("Meta", "TypeVar", "cast", "Literal"))
"""Calls whose arguments are for type checkers and generated pages."""
UNSEEN_FIELDS = frozenset(("annotation", "returns", "type_comment", "decorator_list", "ctx"))
PAGE_ARGUMENTS = frozenset(("sources", "fires", "silent", "clauses"))
"""Arguments of a rule that only its page shows."""
TEXT_ARGUMENTS = frozenset(("text", "title", "counterfactual"))

Step = tuple[str, int | None]
Path = tuple[Step, ...]


class Mutant(NamedTuple):
    """One change: the node at `path` becomes `new`. `function` is the dotted name of the outermost one around it."""

    line: int
    what: str
    path: Path
    new: ast.AST
    function: str | None
    target: str | None
    """Outside of functions: the name that the statement defines."""
    text: bool


class _Around(NamedTuple):
    """What stands around a node."""

    classes: tuple[str, ...] = ()
    function: str | None = None
    target: str | None = None
    text: bool = False
    looping: bool = False


def mutants(tree: ast.Module) -> list[Mutant]:
    """Every mutant of a module, in the order of its source."""
    return sorted(_walk(tree, (), _Around()), key=lambda m: (m.line, m.what))


def mutated(tree: ast.Module, mutant: Mutant, file: str) -> CodeType:
    """The module's code with that change; the tree is as before afterwards."""
    *way, (field, index) = mutant.path
    parent: ast.AST = tree
    for step in way:
        parent = _child(parent, step)
    old = _child(parent, (field, index))
    new = ast.copy_location(mutant.new, old)
    _put(parent, field, index, new)
    try:
        return compile(ast.fix_missing_locations(tree), file, "exec")
    finally:
        _put(parent, field, index, old)


def _child(node: ast.AST, step: Step) -> ast.AST:
    field, index = step
    value = getattr(node, field)
    found: ast.AST = value if index is None else value[index]
    return found


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _walk(node: ast.AST, path: Path, around: _Around) -> Iterator[Mutant]:
    if _unseen(node):
        return
    for what, new in _changes(node, around):
        line = getattr(node, "lineno", 0)
        yield Mutant(line, what, path, new, around.function, around.target, around.text or _is_text(node))
    for field, value in ast.iter_fields(node):
        if field in UNSEEN_FIELDS or (field == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        inner = _inside(node, field, around)
        if isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST) and not (index == 0 and _is_docstring(node, field, child)):
                    yield from _walk(child, (*path, (field, index)), inner)
        elif isinstance(value, ast.AST):
            yield from _walk(value, (*path, (field, None)), inner)


def _inside(node: ast.AST, field: str, around: _Around) -> _Around:
    if isinstance(node, ast.ClassDef) and around.function is None:
        return around._replace(classes=(*around.classes, node.name), target=node.name)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        name = ".".join((*around.classes, node.name))
        if around.function is None and field == "body":
            return around._replace(function=name, target=None)
        return around._replace(target=around.target or node.name, looping=False)
    if isinstance(node, ast.Assign | ast.AnnAssign) and around.function is None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return around._replace(target=target.id if isinstance(target, ast.Name) else None)
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg in TEXT_ARGUMENTS):
        return around._replace(text=True)
    return around


def _unseen(node: ast.AST) -> bool:
    """Nothing below changes what the program does."""
    if isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNSEEN_CALLS:
        return True
    if isinstance(node, ast.keyword) and node.arg in PAGE_ARGUMENTS:
        return True
    if isinstance(node, ast.Assign):
        value = node.value
        alias = isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name)
        kind = isinstance(value, ast.Subscript) and alias and value.value.id[:1].isupper()  # type: ignore[attr-defined]
        return kind or any(isinstance(t, ast.Name) and t.id in ("__all__", "__slots__") for t in node.targets)
    return False


def _is_docstring(node: ast.AST, field: str, child: ast.AST) -> bool:
    return field == "body" and isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _changes(node: ast.AST, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    """(what, new node): the changes of one node."""
    for kind, change in OPERATORS:
        if isinstance(node, kind):
            yield from change(node, around)


def _compare(node: ast.Compare, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    for index, old in enumerate(node.ops):
        new = COMPARISONS[type(old)]()
        ops = [*node.ops[:index], new, *node.ops[index + 1 :]]
        yield f"{_name(old)} to {_name(new)}", ast.Compare(node.left, ops, node.comparators)


def _binary(node: ast.BinOp, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if (new := ARITHMETIC.get(type(node.op))) is not None:
        yield f"{_name(node.op)} to {new.__name__}", ast.BinOp(node.left, new(), node.right)


def _augmented(node: ast.AugAssign, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if (new := ARITHMETIC.get(type(node.op))) is not None:
        yield f"{_name(node.op)}= to {new.__name__}=", ast.AugAssign(node.target, new(), node.value)
    yield "statement gone", ast.Pass()


def _boolean(node: ast.BoolOp, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    new = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield f"{_name(node.op)} to {_name(new)}", ast.BoolOp(new, node.values)


def _unary(node: ast.UnaryOp, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield f"{_name(node.op)} gone", node.operand


def _constant(node: ast.Constant, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    new: object
    if isinstance(value, bool):
        new = not value
    elif isinstance(value, int | float):
        new = value + 1
    elif isinstance(value, str):
        new = f"XX{value}"
    elif isinstance(value, bytes):
        new = b"XX" + value
    else:
        return
    yield f"{value!r:.40} to {new!r:.40}", ast.Constant(new)


def _call(node: ast.Call, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.func, ast.Name) and node.func.id in NAMES:
        new = NAMES[node.func.id]
        yield f"{node.func.id} to {new}", ast.Call(ast.Name(new, ast.Load()), node.args, node.keywords)


def _return(node: ast.Return, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if node.value is None:
        yield "return gone", ast.Pass()
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "returns None", ast.Return(ast.Constant(None))


def _expression(node: ast.Expr, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom):
        yield "statement gone", ast.Pass()


def _assignment(node: ast.Assign, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
        yield "statement gone", ast.Pass()


def _delete(node: ast.AST, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    yield "statement gone", ast.Pass()


def _continue(node: ast.AST, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    yield "continue to break", ast.Break()


def _break(node: ast.AST, around: _Around) -> Iterator[tuple[str, ast.AST]]:
    yield "break to continue", ast.Continue()


OPERATORS: tuple[tuple[type[ast.AST], Callable[..., Iterator[tuple[str, ast.AST]]]], ...] = (
    (ast.Compare, _compare),
    (ast.BinOp, _binary),
    (ast.AugAssign, _augmented),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _unary),
    (ast.Constant, _constant),
    (ast.Call, _call),
    (ast.Return, _return),
    (ast.Expr, _expression),
    (ast.Assign, _assignment),
    (ast.Delete, _delete),
    (ast.Raise, _delete),
    (ast.Continue, _continue),
    (ast.Break, _break),
)


def _name(node: ast.AST) -> str:
    return type(node).__name__
