"""What a check starts from: the rule book, the day, the filing with answers laid over it, and the route to try."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from compliance.source import Place, Problem, SourceError, resolved
from compliance.wording import LANGUAGES, likely

if TYPE_CHECKING:
    from compliance.engine.machine import Machine
    from compliance.facts.filing import Filing
    from compliance.packs.book import Pack, Rule
    from compliance.source import Node

Found = TypeVar("Found")
DEFAULT_PACK = "cn-refinancing"
WORKBOOKS = (".xlsx", ".xlsm", ".xls")  # what is read as a workbook, or refused as one


class Case(NamedTuple):
    """A filing ready to be checked on a day (a day number) against a rule book."""

    machine: Machine
    filing: Filing
    as_of: int

    @property
    def pack(self) -> Pack:
        """The rule book."""
        return self.machine.pack

    def record(self, rules: Iterable[str] | None = None) -> dict[str, Any]:
        """The record of the check, for all rules or those named."""
        from compliance.engine.record import check

        return check(self.machine, self.filing, self.as_of, rules)

    def beside(self) -> dict[str, dict[str, Any]]:
        """The records that a whole report shows beside the findings, by name: the routes and the timeline."""
        from compliance.engine.routes import routes
        from compliance.engine.timeline import timeline

        return {"routes": routes(self.machine, self.filing, self.as_of), "timeline": timeline(self.machine, self.filing, self.as_of)}


def pack_folder(folder: Path | None) -> Path:
    """The folder of the rule book: the one named, else the one that comes along."""
    if folder is not None:
        return folder if folder.name else resolved(folder)  # ``.`` has a name too, by which places call it
    from compliance.shipped import folder as shipped

    return shipped("rules") / DEFAULT_PACK


def load_pack(folder: Path | None, tests: bool = False) -> Pack:
    """The rule book, with the tests of its rules if they are asked for. Raises ``SourceError``."""
    from compliance.packs.cache import load

    return load(pack_folder(folder), tests)


def noted(problems: list[Problem], step: Callable[[], Found]) -> Found | None:
    """What a step gives; None where it finds mistakes, each of which is noted once."""
    try:
        return step()
    except SourceError as error:
        problems += [problem for problem in error.problems if problem not in problems]
        return None


def together(*steps: Callable[[], Any]) -> tuple[Any, ...]:
    """What each of several steps gives that do not need each other. Raises ``SourceError`` with the mistakes of all of them."""
    problems: list[Problem] = []
    found = tuple(noted(problems, step) for step in steps)
    if problems:
        raise SourceError(problems)
    return found


def known_rule(pack: Pack, name: str) -> Rule:
    """A rule of the book. Raises ``SourceError`` where there is none of that name."""
    return known_rules(pack, (name,), "RULE")[0]


def known_rules(pack: Pack, names: Iterable[str], place: str = "--rule") -> list[Rule]:
    """The rules of the book that an argument or option, called ``place``, names. Raises ``SourceError`` with all that are not there."""
    known = {rule.id: rule for rule in pack.rules}
    chosen = list(names)
    wrong = [name for name in dict.fromkeys(chosen) if name not in known]
    if wrong:
        raise SourceError([Problem(Place(place), "rule-unknown", {"name": name, "known": likely(name, known)}) for name in wrong])
    return [known[name] for name in chosen]


def load_case(filing: Path, as_of: str | None, pack: Path | None = None, answers: tuple[Path, ...] = (), route: str | None = None) -> Case:
    """Everything that a check starts from. Raises ``SourceError`` with the mistakes of all of it together."""
    problems: list[Problem] = []
    day = noted(problems, lambda: day_of(as_of) if as_of is not None else None)
    book = noted(problems, lambda: load_pack(pack))
    found = noted(problems, lambda: load_filing(filing, book, answers, route) if book is not None else readable(filing, answers))
    if problems or book is None or found is None:
        raise SourceError(problems)
    from compliance.engine.machine import Machine

    return Case(Machine(book), found, day_of(found.as_of) if day is None else day)  # a filing that notes its day means it


def day_of(text: str | None, place: str = "--as-of") -> int:
    """The day that an option or argument, named by ``place``, gives, as a day number; today where none is given.

    Raises ``SourceError`` for what is no day.
    """
    from compliance import dates
    from compliance.source import Unreadable

    if text is None:
        from datetime import date

        text = date.today().isoformat()
    try:
        found = dates.parse(text)
    except Unreadable as error:
        raise SourceError([Problem(Place(place), error.code, error.values)]) from None
    if not found.exact:
        raise SourceError([Problem(Place(place), "day-bad", {"text": text})])
    return found.low


def readable(filing: Path, answers: tuple[Path, ...] = ()) -> None:
    """Raise ``SourceError`` with the mistakes in a filing and in answers to it that show without a rule book."""
    from compliance import source

    together(lambda: source.read_bytes(filing) if is_workbook(filing) else source.load(filing), lambda: sound(answers))


def sound(answers: tuple[Path, ...]) -> None:
    """Raise ``SourceError`` with the mistakes in files of answers that show without the filing."""
    from compliance.facts.answers import mistakes_in

    problems = [problem for path in answers if not is_workbook(path) for problem in mistakes_in(path)]
    if problems:
        raise SourceError(problems)


def is_workbook(path: Path) -> bool:
    """Whether a file is read as a workbook, or refused as one."""
    return path.suffix.lower() in WORKBOOKS


def bare(book: Pack, code: str, board: str, route: str) -> tuple[Pack, dict[str, str], Filing]:
    """A book, and a filing of which only the code, the board and the route are known, by path. Raises ``SourceError``.

    A book that names no field for the board asks for none.
    """
    from compliance.facts import loading
    from compliance.facts.values import SCHEMA
    from compliance.source import Scalar, Table

    where = book.words.get("board")
    if board and not where:
        raise SourceError([Problem(Place("--board"), "board-unnamed", {"pack": book.id})])
    if where and not board:
        raise SourceError([Problem(Place("--board"), "field-missing", {"name": "--board"})])
    known = {"issuer.code": code, **({where: board} if where else {}), book.route: route}
    places = {"issuer.code": Place("CODE"), where: Place("--board"), book.route: Place("--route")}
    parts: dict[str, dict[str, Node]] = {}
    for path, text in known.items():
        part, _, name = path.partition(".")
        parts.setdefault(part, {})[name] = Scalar(text, places[path])
    here = Place("CODE")
    top: dict[str, Node] = {"schema": Scalar(SCHEMA, here), "pack": Scalar(book.id, here)}
    top |= {part: Table(values, {name: node.place for name, node in values.items()}, here) for part, values in parts.items()}
    return book, known, loading.read(Table(top, dict.fromkeys(top, here), here), book.vocabulary, book.id, book.options)


def asking(book: Pack, filing: Filing, day: int) -> set[tuple[str, str]]:
    """The fields that a form asks for where so much is known as a filing tells."""
    from compliance.engine.asked import asked
    from compliance.engine.machine import Machine
    from compliance.vocabulary import ROOT

    return asked(Machine(book), filing, day) | {(ROOT, "issuer.name")}  # no rule asks for it, every report shows it


def load_filing(
    path: Path, pack: Pack, answers: tuple[Path, ...] = (), route: str | None = None, change: Callable[[Node], Node] | None = None
) -> Filing:
    """A filing, with another route put into it and answers laid over it. Raises ``SourceError``.

    A workbook among the answers is a list of what is needed, filled in: it says what the filing would. ``change`` gives another node
    tree for the one that was read: what is put for a trial.
    """
    problems: list[Problem] = []
    lists = tuple(file for file in answers if is_workbook(file))
    judged = tuple(file for file in answers if file not in lists)
    filing = noted(problems, lambda: _filing(path, pack, route, lists, change))
    if filing is None:
        noted(problems, lambda: sound(judged))
        raise SourceError(problems)
    if not judged:
        return filing
    from compliance.facts.answers import load_several, with_answers

    return with_answers(filing, load_several(judged, filing, pack.options, pack.open_when))


def _filing(path: Path, pack: Pack, route: str | None, lists: tuple[Path, ...], change: Callable[[Node], Node] | None) -> Filing:
    """A filing with the answers of ``lists`` (of what is needed, filled in) put into it. Raises ``SourceError``."""
    from compliance.facts import loading

    def read(node: Node) -> Filing:
        return loading.read(node, pack.vocabulary, pack.id, pack.options, {rule.id for rule in pack.rules}, pack.open_when)

    try:
        node = load_nodes(path, pack)
    except SourceError as error:
        raise loading.with_rest(error, read) from None
    if route is not None:
        node = with_route(node, pack.route, route)
    for file in lists:
        from compliance.intake import request

        node = request.laid(node, read(node), request.load(file, str(file), pack), pack)
    if change is not None:
        node = change(node)
    filing = read(node)
    from compliance.engine.nests import crowded

    if problems := list(crowded(pack, filing, str(path))):
        raise SourceError(problems)
    return filing


def load_nodes(path: Path, pack: Pack) -> Node:
    """The node tree of a filing, written as YAML, as JSON or in an intake workbook. Raises ``SourceError``."""
    if is_workbook(path):
        from compliance.intake import reading

        return reading.load(path, str(path), pack.vocabulary)
    from compliance.facts import revising

    return revising.load(path, str(path), pack.vocabulary)


def with_route(node: Node, path: str, route: str) -> Node:
    """A filing's node tree with another route, entered among what is assumed; ``path`` is that of the route."""
    from compliance.cli.words import say
    from compliance.facts.trial import assume, stated

    before = stated(node, path)
    code = "trial" if before else "trial-absent"
    return assume(node, path, route, {lang: say(code, lang, before=before, after=route) for lang in LANGUAGES}, Place("--route"))
