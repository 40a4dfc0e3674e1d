"""For which members of a kind a test on it can matter at all, given what stands around it.

``board in {a, b}`` inside a rule that applies only to ``b`` says nothing about ``a``: a slip there changes no verdict. A set
of members is held as bits; -1 stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from compliance.expressions.formula import Formula
from compliance.expressions.tree import LOOPS, Node

EVERY = -1


def members_that_matter(formula: Formula) -> dict[Node, int]:
    """For each test of membership in a rule, of given members or a dated set, those for which its answer can change the verdict."""
    found: dict[Node, int] = {}
    tests = {node for top in formula.nodes() for node in top.walk() if node.op in ("in", "isin")}
    for test in tests:
        subject = test.args[0]
        reach = may_be(formula.applies, subject, True) if formula.applies is not None else EVERY
        bits = _inside(formula.applies, test, EVERY) if formula.applies is not None else 0
        for clause in formula.clauses:
            holds = may_be(clause.when, subject, True) if clause.when is not None else EVERY
            bits |= _inside(clause.require, test, reach & holds)
            bits |= _inside(clause.when, test, reach) if clause.when is not None else 0
        found[test] = bits
    return found


def may_be(node: Node, subject: Node, truth: bool) -> int:
    """The members of ``subject`` with which a truth may come out as ``truth``."""
    if node.op == "in" and node.args[0] == subject:
        return int(node.value) if truth else ~int(node.value)
    if node.op == "not":
        return may_be(node.args[0], subject, not truth)
    if node.op in ("and", "or"):
        parts = [may_be(arg, subject, truth) for arg in node.args]
        return _meet(parts) if (node.op == "and") == truth else _join(parts)
    if node.op == "if":
        test, then, otherwise = node.args
        yes = may_be(test, subject, True) & may_be(then, subject, truth)
        return yes | may_be(test, subject, False) & may_be(otherwise, subject, truth)
    return EVERY


def _inside(node: Node, test: Node, reach: int) -> int:
    """The members with which a test that stands somewhere in a node can matter, where the node itself matters with ``reach``."""
    if node == test:
        return reach
    bits = 0
    for index, arg in enumerate(node.args):
        bits |= _inside(arg, test, reach & _beside(node, index, test.args[0]))
    return bits


def _beside(node: Node, index: int, subject: Node) -> int:
    """The members with which a node's part still matters, given its other parts."""
    others = [arg for at, arg in enumerate(node.args) if at != index]
    if node.op in ("and", "or"):
        return _meet(may_be(other, subject, node.op == "and") for other in others)
    if node.op == "if" and index:
        return may_be(node.args[0], subject, index == 1)
    if node.op in LOOPS and index == 1 and len(node.args) > 2:
        return may_be(node.args[2], subject, True)
    return EVERY


def _meet(parts: Iterable[int]) -> int:
    bits = EVERY
    for part in parts:
        bits &= part
    return bits


def _join(parts: Iterable[int]) -> int:
    bits = 0
    for part in parts:
        bits |= part
    return bits
