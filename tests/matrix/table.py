"""Reads expectations.txt. Knows nothing of the product: only how the lines are written."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("expectations.txt")
METHODS = ("GET", "HEAD", "POST", "FILLED", "PUT", "PATCH", "DELETE", "OPTIONS")
# Methods that stand in the line of another one, where a rule says nothing else.
WRITTEN = {"HEAD": "GET", "PATCH": "PUT", "DELETE": "PUT"}
SECTION = re.compile(r"^(\w+) -{10,}$")
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Clause:
    """`words status`: each word a relation, role or group, with marks that the object must have."""

    words: tuple[str, ...]
    value: str


@dataclass(slots=True)
class Rule:
    title: str
    urls: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lines: dict[str, list[Clause]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads these parts of a kind of thing; `by_column`: kept back by the application alone."""

    kind: str
    parts: frozenset[str]
    words: tuple[str, ...]
    by_column: bool


@dataclass(slots=True)
class Table:
    roles: list[str] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    relations: list[tuple[list[str], list[Clause]]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    everywhere: Rule = field(default_factory=lambda: Rule("everywhere"))
    rules: list[Rule] = field(default_factory=list)

    def relation(self, role: str, thing: str) -> str:
        """What the role is to the thing. Raises KeyError where the table does not say."""
        for names, clauses in self.relations:
            if any(fnmatchcase(thing, name) for name in names):
                return next(one.value for one in clauses if {role, "else"} & set(one.words))
        raise KeyError(f"expectations.txt does not say who is what to {thing}")

    def rule(self, url: str) -> Rule:
        """Raises KeyError for an address without an entry."""
        for rule in self.rules:
            if url in rule.urls:
                return rule
        raise KeyError(f"{url} has no entry in tests/matrix/expectations.txt")

    def expected(
        self, url: str, method: str, role: str, relation: str = "", marks: Iterable[str] = ()
    ) -> int:
        """The status that the table says; the first word that fits counts."""
        lines = self.rule(url).lines
        like = WRITTEN.get(method, method)
        clauses = [*lines.get(method, lines.get(like, [])), *self.everywhere.lines[like]]
        names = self._names(role, relation)
        for clause in clauses:
            if any(_fits(word, names, set(marks)) for word in clause.words):
                return int(clause.value)
        raise KeyError(f"expectations.txt does not say what {method} of {url} answers to {role} ({relation})")

    def reads(self, reading: Reading, role: str, relation: str) -> bool:
        return bool(set(reading.words) & (self._names(role, relation) - {"else"}))

    def urls(self) -> list[str]:
        return [url for rule in self.rules for url in rule.urls]

    def _names(self, role: str, relation: str) -> set[str]:
        """All words that mean this role towards this thing. Who is not signed in is nobody, whatever else."""
        if role == NOBODY:
            return {NOBODY}
        groups = {name for name, roles in self.groups.items() if role in roles}
        return {role, relation, "else"} | groups


def _fits(word: str, names: set[str], marks: set[str]) -> bool:
    name, _slash, mark = word.partition("/")
    return (name in names or (not name and NOBODY not in names)) and (not mark or mark in marks)


@cache
def table() -> Table:
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Table:
    found, section = Table(), ""
    blocks: dict[str, list[str]] = {"roles": [], "groups": [], "relations": [], "reading": [], "rules": []}
    for line in text.splitlines():
        if heading := SECTION.match(line):
            section = heading[1]
        elif section and line.strip() and not line.startswith("#"):
            blocks[section].append(line)
    found.roles = [line.split()[0] for line in blocks["roles"]]
    found.groups = {name: roles for name, *roles in map(str.split, blocks["groups"])}
    found.relations = [([*head.split()], _clauses_after(body)) for head, body in _paired(blocks["relations"])]
    found.readings = [_reading(head, body) for head, body in _paired(blocks["reading"])]
    for line in blocks["rules"]:
        _rule_line(found, line)
    return found


def _paired(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """A heading at the margin, with the indented lines below it."""
    head, body = "", []
    for line in lines:
        if line.startswith(" "):
            body.append(line)
            continue
        if head:
            yield head, body
        head, body = line, []
    if head:
        yield head, body


def _clauses_after(lines: Iterable[str]) -> list[Clause]:
    """`relation role role; relation role`: the relation comes first."""
    parts = [part.split() for line in lines for part in line.split(";")]
    return [_relation(part) for part in parts]


def _relation(words: list[str]) -> Clause:
    """`else stranger` says it the other way round, as one speaks."""
    if words[0] == "else":
        return Clause(("else",), words[1])
    return Clause(tuple(words[1:]), words[0])


def _reading(head: str, body: list[str]) -> Reading:
    words = head.split()
    by_column = words[0] == "column"
    kind, *parts = words[1:] if by_column else words
    return Reading(kind, frozenset(parts), tuple(" ".join(body).split()), by_column)


def _rule_line(found: Table, line: str) -> None:
    first, *rest = line.split()
    rule = found.rules[-1] if found.rules else found.everywhere
    if first == "rule":
        found.rules.append(Rule(" ".join(rest)))
    elif first == "for":
        rule.urls += rest
    elif first == "of":
        rule.kinds += rest
    elif line.startswith(" "):
        _methods_line(rule, line)


def _methods_line(rule: Rule, line: str) -> None:
    methods, text = re.match(r"\s+((?:[A-Z]+ +)+)(.*)", line).groups()  # type: ignore[union-attr]  # so written
    clauses = [Clause(tuple(words), value) for *words, value in (part.split() for part in text.split(";"))]
    for method in methods.split():
        rule.lines.setdefault(method, []).extend(clauses)
