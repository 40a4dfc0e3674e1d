"""``compliance whatif``: what the verdicts would be if some facts were others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import PATH, filing_options, out_option

if TYPE_CHECKING:
    from compliance.cli.inputs import Case
    from compliance.engine.vary import Following
    from compliance.facts.filing import Filing
    from compliance.facts.trial import Setting
    from compliance.reports.paper import Paper
    from compliance.source import Problem

FORMATS = ("table", "json", "svg")
# What each option takes, as a mistake in it is told: the form in both languages, and an example.
TAKES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "--set": ({"zh": "路径=值", "en": "path=value"}, "offering.gross_proceeds=70000万元"),
    "--sweep": ({"zh": "路径=起:止:步长", "en": "path=from:to:step"}, "offering.gross_proceeds=70000万元:80000万元:1000万元"),
    "--follows": ({"zh": "路径=公式", "en": "path=formula"}, "offering.new_shares=offering.gross_proceeds / offering.issue_price"),
}


@click.command()
@click.argument("filing", type=PATH)
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="换一个值。Put another value.")
@click.option(
    "--sweep", "sweeps", metavar="PATH=FROM:TO:STEP", multiple=True, help="逐个取值，也可写 甲|乙。Take one value after the other."
)
@click.option("--follows", metavar="PATH=FORMULA", multiple=True, help="随之变动的事实。A fact that moves along.")
@click.option("--rule", "rules", metavar="RULE", multiple=True, help="只看这条规则。This rule alone.")
@filing_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="输出格式。The form of the output.")
@out_option
def whatif(
    filing: Path,
    settings: tuple[str, ...],
    sweeps: tuple[str, ...],
    follows: tuple[str, ...],
    rules: tuple[str, ...],
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    form: str,
    out: Path | None,
    lang: str,
) -> None:
    """换几个事实再核查，申报文件不改动。Check again with other facts; the file stays as it is.

    例 Example: compliance whatif cases/300766/filing.yaml --as-of 2025-12-31 --sweep offering.gross_proceeds=70000万元:80000万元:2000万元
    """
    from compliance.cli import output
    from compliance.cli.inputs import known_rules, load_case, load_pack, noted, pack_folder
    from compliance.source import SourceError

    problems: list[Problem] = []
    noted(problems, lambda: output.allow(out, (filing, *answers, pack_folder(pack)), lang))
    given = noted(problems, lambda: written(settings, sweeps, follows, problems)) or {}
    case = noted(problems, lambda: load_case(filing, as_of, pack, answers, route))
    if rules:
        noted(problems, lambda: known_rules(load_pack(pack) if case is None else case.pack, rules))
    with output.patience("working", lang):
        record = vary(case, filing, given, rules, answers, route, problems) if case is not None else None
    if record is None or problems:
        raise SourceError(problems)
    output.deliver(shown(record, form, lang, output.paper(out)), out, lang)


def shown(record: dict[str, Any], form: str, lang: str, paper: Paper | None = None) -> str:
    """The record in one of the forms."""
    if form == "json":
        from compliance.engine.record import to_json

        return to_json(record)
    if form == "svg":
        from compliance.reports import plot

        return plot.render(record, lang)
    from compliance.reports import whatif as report
    from compliance.reports.paper import PLAIN

    return report.render(record, lang, paper or PLAIN)


def written(
    settings: tuple[str, ...], sweeps: tuple[str, ...], follows: tuple[str, ...], problems: list[Problem]
) -> dict[str, list[Setting]]:
    """What is to be varied, by option; what is not of the form is noted. Raises ``SourceError`` where there is nothing at all."""
    from compliance.facts.trial import settings_of
    from compliance.source import Place, Problem, SourceError

    if not settings and not sweeps and not follows:
        raise SourceError([Problem(Place("whatif"), "nothing-varied")])
    texts = {"--set": settings, "--sweep": sweeps, "--follows": follows}
    return {option: settings_of(option, given, TAKES[option], problems) for option, given in texts.items()}


def vary(
    case: Case,
    file: Path,
    given: Mapping[str, list[Setting]],
    rules: tuple[str, ...],
    answers: tuple[Path, ...],
    route: str | None,
    problems: list[Problem],
) -> dict[str, Any] | None:
    """The record of what would be; None where there are mistakes in what is to be varied, all of which are noted."""
    from compliance.cli.inputs import noted
    from compliance.engine.axes import axes
    from compliance.engine.vary import whatif
    from compliance.facts.trial import wrong_paths

    wrong = wrong_paths(case.filing, [setting for group in given.values() for setting in group], case.pack.options)
    problems += wrong
    astray = {problem.place for problem in wrong}  # they lead nowhere, and nothing more can be said of them
    put, swept, follows = (
        [setting for setting in given.get(option, ()) if setting.place not in astray] for option in ("--set", "--sweep", "--follows")
    )
    axes_of = noted(problems, lambda: axes(case.pack, case.filing, swept))
    along = noted(problems, lambda: _following(case, follows))
    if along is not None:
        problems += _idle(case, [*put, *swept, *follows], along, rules)
    changed = noted(problems, lambda: _put(case, file, put, answers, route)) if put else case.filing
    if problems or axes_of is None or along is None or changed is None:
        return None
    return whatif(case.machine, case.filing, changed, case.as_of, put, axes_of, along, rules)


def _idle(case: Case, settings: list[Setting], follows: list[Following], rules: tuple[str, ...]) -> list[Problem]:
    """The facts on which none of the rules depends, nor any fact that moves along; where there are none, the rules that depend on none."""
    from compliance.engine.vary import bears_on, moves
    from compliance.source import Place, Problem

    named = [rule for rule in case.pack.rules if rule.id in rules]
    chosen = named or case.pack.rules
    idle = [
        Problem(one.place, "nothing-depends", {"path": one.path})
        for one in settings
        if not moves(follows, case.filing, one.path) and not any(bears_on(case.pack, rule, case.filing, one.path) for rule in chosen)
    ]
    if idle:
        return idle
    return [
        Problem(Place("--rule"), "rule-idle", {"name": rule.id})
        for rule in named
        if not any(bears_on(case.pack, rule, case.filing, one.path) for one in settings)
    ]


def _following(case: Case, follows: list[Setting]) -> list[Following]:
    """The facts that move along. Raises ``SourceError``."""
    from compliance.engine.axes import is_scale
    from compliance.engine.vary import following
    from compliance.facts.trial import field_at
    from compliance.source import Problem, SourceError

    found: list[Following] = []
    problems: list[Problem] = []
    for setting in follows:
        field = field_at(case.filing, setting.path)
        if field is None or not is_scale(field):
            problems.append(Problem(setting.place, "follows-type", {"path": setting.path}))
            continue
        made = following(case.pack, setting, field)
        if isinstance(made, Problem):
            problems.append(made)
        else:
            found.append(made)
    if problems:
        raise SourceError(problems)
    return found


def _put(case: Case, file: Path, settings: list[Setting], answers: tuple[Path, ...], route: str | None) -> Filing:
    """The filing with facts put otherwise, answers laid over it. Raises ``SourceError``."""
    from compliance.cli.inputs import load_filing
    from compliance.facts.trial import trial

    return load_filing(file, case.pack, answers, route, lambda node: trial(node, case.filing, settings))
