"""Reads the part of semgrep's rules that ours are written in, over Python's own tree of a file.

Semgrep itself takes 340 MB and half a minute for twelve rules, has no hashes in our lock and cannot read two of our
files, so it judges only where the figures are taken (`test_static`); what it finds there has to be what this finds.
Known: `pattern`, `patterns`, `pattern-either`, `pattern-not`, `metavariable-regex`; `$X`, `...` among arguments,
`"..."` and `f"..."`; names by whatever `import` calls them.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

Bound = Mapping[str, str]
Rule = Mapping[str, Any]
_META, _DOTS = "_meta_", "_dots_"


@cache
def _tree(pattern: str) -> ast.AST:
    """The tree of a pattern; a statement that is an expression alone is that expression."""
    text = re.sub(r'(?<!")\.\.\.(?!")', f"*{_DOTS}", re.sub(r"\$([A-Z]+)", rf"{_META}\1", pattern))
    (made,) = ast.parse(text).body
    return made.value if isinstance(made, ast.Expr) else made


def _kinds(rule: Rule) -> set[type[ast.AST]]:
    """The kinds of nodes at which a rule may find something."""
    if "pattern" in rule:
        return {type(_tree(rule["pattern"]))}
    return {kind for one in (*rule.get("pattern-either", ()), *rule.get("patterns", ())) for kind in _kinds(one)}


def _words(rule: Rule) -> set[str]:
    """What the calls end in at which a rule may find something; empty if that may be anything. Saves most of the work.

    A call by a name of its own has the empty word, since an import may have called it anything.
    """
    if "pattern" in rule:
        return {word, ""} if (word := _word(_tree(rule["pattern"]))) and not word.startswith(_META) else set()
    found = [_words(one) for one in (*rule.get("pattern-either", ()), *rule.get("patterns", ())) if _kinds(one)]
    return set().union(*found) if all(found) else set()


def _word(node: ast.AST) -> str:
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else ""


@dataclass(slots=True)
class Source:
    """One file: its tree, and what its imports call things."""

    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict)
    nodes: dict[type[ast.AST], list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> "Source":
        """Read a file's text."""
        made = cls(ast.parse(text))
        for node in ast.walk(made.tree):
            if isinstance(node, ast.expr | ast.stmt):
                made.nodes.setdefault(type(node), []).append(node)
            if isinstance(node, ast.Import):
                made.names |= {one.asname: one.name for one in node.names if one.asname}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                made.names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        return made

    def found(self, rule: Rule) -> list[int]:
        """The lines at which a rule finds something."""
        nodes = [node for kind in _kinds(rule) for node in self.nodes.get(kind, [])]
        words = _words(rule)
        return sorted({n.lineno for n in nodes if (not words or _word(n) in words) and self._is(rule, n, {})})

    def _is(self, rule: Rule, node: ast.AST, bound: Bound) -> bool:
        return next(self._ways(rule, node, bound), None) is not None

    def _ways(self, rule: Rule, node: ast.AST, bound: Bound) -> Iterator[Bound]:
        if "pattern" in rule:
            yield from self._match(_tree(rule["pattern"]), node, bound)
        elif "pattern-either" in rule:
            for one in rule["pattern-either"]:
                yield from self._ways(one, node, bound)
        elif "patterns" in rule:
            yield from self._all(rule["patterns"], node, bound)
        else:
            raise ValueError(f"no way to read {sorted(rule)}")

    def _all(self, parts: Sequence[Rule], node: ast.AST, bound: Bound) -> Iterator[Bound]:
        wanted = [one for one in parts if set(one) & {"pattern", "pattern-either", "patterns"}]
        ways = [bound]
        for one in wanted:
            ways = [more for way in ways for more in self._ways(one, node, way)]
        for way in ways:
            if all(self._allows(one, node, way) for one in parts if one not in wanted):
                yield way

    def _allows(self, part: Rule, node: ast.AST, way: Bound) -> bool:
        if "pattern-not" in part:
            return not self._is({"pattern": part["pattern-not"]}, node, way)
        if "metavariable-regex" in part:
            asked = part["metavariable-regex"]
            return re.match(asked["regex"], way[asked["metavariable"][1:]]) is not None
        raise ValueError(f"no way to read {sorted(part)}")

    def _match(self, wanted: Any, node: Any, bound: Bound) -> Iterator[Bound]:
        """Every way in which a node is what is wanted."""
        if isinstance(wanted, str) and wanted.startswith(_META):
            yield from _with(bound, wanted, node)
        elif isinstance(wanted, ast.Name) and wanted.id.startswith(_META):
            if isinstance(node, ast.expr):
                yield from _with(bound, wanted.id, ast.unparse(node))
        elif (name := _dotted(wanted)) and not name.startswith(_META):
            if isinstance(node, ast.expr) and name in (self._called(node), _dotted(node)):
                yield bound
        elif type(wanted) is type(node):
            yield from self._match_kind(wanted, node, bound)

    def _match_kind(self, wanted: Any, node: Any, bound: Bound) -> Iterator[Bound]:
        """The same for two of one kind that are no names."""
        any_text = isinstance(wanted, ast.Constant) and wanted.value == "..." and isinstance(node.value, str)
        if any_text or isinstance(wanted, ast.JoinedStr):
            yield bound
        elif isinstance(wanted, ast.Call):
            named = {one.arg for one in wanted.keywords if one.arg and not one.arg.startswith(_META)}
            if not named <= {one.arg for one in node.keywords}:
                return
            for way in self._match(wanted.func, node.func, bound):
                yield from self._arguments(wanted, node, way)
        elif isinstance(wanted, ast.AST):
            names = [name for name in wanted._fields if name not in ("ctx", "type_comment", "kind")]
            asked, given = ([getattr(one, name) for name in names] for one in (wanted, node))
            yield from self._each(asked, given, bound)
        elif isinstance(wanted, list):
            yield from self._each(wanted, node, bound)
        elif wanted == node:
            yield bound

    def _each(self, wanted: Sequence[Any], nodes: Sequence[Any], bound: Bound) -> Iterator[Bound]:
        """In order, one for one; what stands for `...` takes any number."""
        if not wanted:
            if not nodes:
                yield bound
        elif _is_dots(wanted[0]):
            for start in range(len(nodes) + 1):
                yield from self._each(wanted[1:], nodes[start:], bound)
        elif nodes:
            for way in self._match(wanted[0], nodes[0], bound):
                yield from self._each(wanted[1:], nodes[1:], way)

    def _arguments(self, wanted: ast.Call, node: ast.Call, bound: Bound) -> Iterator[Bound]:
        """Places in order, names in any order; `...` allows others of both."""
        loose = any(map(_is_dots, wanted.args))
        if not loose and len(wanted.keywords) != len(node.keywords):
            return
        merged = [one for one, after in pairwise([*wanted.args, None]) if not (_is_dots(one) and _is_dots(after))]
        for way in self._each(merged, node.args, bound):
            ways = [way]
            for asked in wanted.keywords:
                ways = [more for one in ways for given in node.keywords for more in self._keyword(asked, given, one)]
            yield from ways

    def _keyword(self, asked: ast.keyword, given: ast.keyword, bound: Bound) -> Iterator[Bound]:
        if (asked.arg is None) != (given.arg is None):
            return
        for way in self._match(asked.arg, given.arg, bound):
            yield from self._match(asked.value, given.value, way)

    def _called(self, node: ast.expr) -> str:
        """What a name is, whatever this file calls it."""
        first, dot, rest = _dotted(node).partition(".")
        return f"{self.names.get(first, first)}{dot}{rest}"


def _dotted(node: Any) -> str:
    """`a.b.c` for a name of that form, else empty; also empty where a part may be anything."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and not node.attr.startswith(_META) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _with(bound: Bound, name: str, value: Any) -> Iterator[Bound]:
    key = name.removeprefix(_META)
    if isinstance(value, str) and bound.get(key, value) == value:
        yield {**bound, key: value}


def _is_dots(node: Any) -> bool:
    return isinstance(node, ast.Starred) and isinstance(node.value, ast.Name) and node.value.id == _DOTS
