"""Small faults that a programmer makes, one at a time, in the functions of a module.

What stands outside of functions (tables of permissions and of states, fields) is not mutated: the access
matrix and the planted faults break that.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import CO_NEWLOCALS
from pathlib import Path
from types import CodeType
from typing import Any

# Read by people, and nowhere else: another text is another wording.
WORDS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
LOGS = {"debug", "info", "warning", "error", "critical", "exception"}
OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr, ast.Mod: ast.Mult,
}  # fmt: skip
Place = tuple[str, int]  # qualified name and first line of a function


@dataclass(frozen=True, slots=True)
class Mutant:
    """`what` says it in words; `code` is the whole function of module or class level with the fault in it."""

    path: str
    line: int
    what: str
    place: Place
    code: CodeType

    @property
    def name(self) -> str:
        return f"{self.path}: {self.place[0]}: {self.what}"


def mutants(path: Path, shown: str) -> Iterator[Mutant]:
    """Every mutant of a module, each once: `if a is None` the other way is `if a is not None` again.

    `shown` is how the path is told.
    """
    source = path.read_text()
    whole = compile(source, str(path), "exec", dont_inherit=True)
    before = dict(functions(whole))
    seen = {(place, _does(code)) for place, code in before.items()}
    count = sum(1 for _change in _changes(ast.parse(source)))
    for number in range(count):
        tree = ast.parse(source)
        line, what, apply = next(change for index, change in enumerate(_changes(tree)) if index == number)
        apply()
        ast.fix_missing_locations(tree)
        after = dict(functions(compile(tree, str(path), "exec", dont_inherit=True)))
        for place, code in after.items():
            fault = place, _does(code)
            if fault not in seen and before[place].co_freevars == code.co_freevars:
                seen.add(fault)
                yield Mutant(shown, line, what, place, code)


def _does(code: CodeType) -> CodeType:
    """Without the lines and columns that it comes from."""
    constants = tuple(_does(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=constants)


def functions(code: CodeType) -> Iterator[tuple[Place, CodeType]]:
    """Those of a module and of its classes; what is defined within one belongs to it."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & CO_NEWLOCALS:  # not the body of a class
                yield (constant.co_qualname, constant.co_firstlineno), constant
            else:
                yield from functions(constant)


Change = tuple[int, str, Callable[[], None]]


def _changes(tree: ast.Module) -> Iterator[Change]:
    for function in _functions(tree):
        wording = {id(text) for statement in function.body for text in _wording(statement)}
        for statement in function.body:
            yield from _of_node(statement, function)
            for parent in ast.walk(statement):
                for child in ast.iter_child_nodes(parent):
                    if id(child) not in wording:
                        yield from _of_node(child, parent)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def _of_node(node: ast.AST, parent: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.stmt):
        yield from _of_statement(node, parent)
    elif isinstance(node, ast.expr):
        yield from _of_expression(node, parent)


def _of_statement(node: ast.stmt, parent: ast.AST) -> Iterator[Change]:
    match node:
        case ast.AugAssign():
            yield from _swapped(node, "op")
        case ast.If() | ast.While():
            yield _other_way(node)
        case ast.Return(value=ast.expr()) if _said(node) != "return None":
            yield node.lineno, f"returns nothing: {_said(node)}", _set(node, "value", ast.Constant(None))
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield node.lineno, f"left out: {_said(node)}", _replace(parent, node, ast.Pass())


def _of_expression(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            yield from _swapped(node, "ops")
        case ast.BoolOp() | ast.BinOp():
            yield from _swapped(node, "op")
        case ast.UnaryOp(op=ast.Not()):
            yield node.lineno, f"without not: {_said(node)}", _replace(parent, node, node.operand)
        case ast.IfExp():
            yield _other_way(node)
        case ast.Constant():
            yield from _constant(node, parent)
        case ast.Call():
            for keyword in node.keywords:
                yield node.lineno, f"without {keyword.arg or '**'}: {_said(node)}", _without(node, keyword)


def _other_way(node: ast.If | ast.While | ast.IfExp) -> Change:
    other = ast.UnaryOp(ast.Not(), node.test)
    return node.lineno, f"the other way: if {_said(node.test)}", _set(node, "test", other)


def _swapped(node: ast.expr | ast.stmt, field: str) -> Iterator[Change]:
    value = getattr(node, field)
    operators = value if isinstance(value, list) else [value]
    for place, operator in enumerate(operators):
        if other := OTHER.get(type(operator)):
            now: Any = other()
            if isinstance(value, list):
                now = [*value[:place], now, *value[place + 1 :]]
            yield node.lineno, f"{other.__name__}: {_said(node)}", _set(node, field, now)


def _constant(node: ast.Constant, parent: ast.AST) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        other: object = not value
    elif isinstance(value, int):
        other = value + 1
    elif isinstance(value, str) and value:
        other = f"XX{value}"
    elif isinstance(value, bytes) and value:
        other = b"XX" + value
    else:
        return
    yield node.lineno, f"{other!r} in place of {value!r}: {_said(parent)}", _set(node, "value", other)


def _wording(statement: ast.stmt) -> Iterator[ast.expr]:
    """Docstrings, parts of f-strings, messages to be translated, sentences that are logged or raised."""
    for node in ast.walk(statement):
        match node:
            case ast.Expr(value=ast.Constant() as text):
                yield text
            case ast.JoinedStr(values=parts):
                yield from (part for part in parts if isinstance(part, ast.Constant))
            case ast.Raise(exc=ast.Call(args=texts)):
                yield from filter(_is_sentence, texts)
            case ast.Call(args=texts) if _called(node) in WORDS:
                yield from texts
            case ast.Call(args=texts) if _called(node) in {"__init__", *LOGS}:
                yield from filter(_is_sentence, texts)
            case ast.Call(args=texts) if _called(node).endswith(("Error", "Problem")):
                yield from filter(_is_sentence, texts)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _said(node: ast.AST) -> str:
    said = " ".join(ast.unparse(node).split())
    return said if len(said) <= 80 else said[:77] + "..."


def _set(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


def _without(node: ast.Call, keyword: ast.keyword) -> Callable[[], None]:
    return lambda: node.keywords.remove(keyword)


def _replace(parent: ast.AST, node: ast.AST, other: ast.AST) -> Callable[[], None]:
    def replace() -> None:
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, other)
            elif isinstance(value, list) and node in value:
                value[value.index(node)] = other

    return replace
