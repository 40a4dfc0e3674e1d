"""The verbs of the command line: what there is, each imported when it is called, and the options that several share."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from compliance import __version__
from compliance.cli.words import say as words

# A path as it is given: what is wrong with it is told by what reads or writes it, together with all other mistakes.
PATH = click.Path(path_type=Path, readable=False)

# Each verb, the module and function it lives in, and its short help, which stands here alone: help imports no verb.
_VERBS: Mapping[str, tuple[str, str]] = {
    "init": ("init:init", "生成申报事实填报表。Make a form to fill in."),
    "check": ("check:check", "核查一份申报文件。Check a filing against the rules."),
    "explain": ("explain:explain", "详解一条结论。Take one finding apart."),
    "routes": ("routes:routes", "各路径并排比较。The routes side by side."),
    "facts": ("facts:facts", "申报文件：查错、格式、缺项。The filing: lint, schema, what is missing."),
    "whatif": ("whatif:whatif", "假如事实不同。What the verdicts would be if facts were others."),
    "timeline": ("timeline:timeline", "什么何时到期。The days of a filing, and when a verdict changes."),
    "screen": ("screen:screen", "批量核查很多发行人。Screen many issuers."),
    "diff": ("diff:diff", "比较两份核查记录。What differs between two records, and why."),
    "rules": ("rules:rules", "规则库：清单、查看、查错、测试。The rule book: list, show, lint, test."),
    "schema": ("schema:schema", "输出格式的 JSON Schema。The forms of what is written."),
    "demo": ("demo:demo", "核查随附的案例。Check the cases that come along."),
}


class Program(click.Group):
    """The verbs, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order they are used."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A verb by its name."""
        if cmd_name not in _VERBS:
            return None
        module, _, name = _VERBS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(f"compliance.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from the table: help imports none of them."""
        with formatter.section("命令 Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _VERBS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a name that is not there is told in the user's language."""
        if args and args[0] not in _VERBS and not args[0].startswith("-"):
            unknown(ctx, args[0], list(_VERBS))
        return super().resolve_command(ctx, args)


class Verbs(click.Group):
    """A verb with verbs of its own."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a name that is not there is told in the user's language."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            unknown(ctx, args[0], list(self.commands))
        return super().resolve_command(ctx, args)


def unknown(ctx: click.Context, name: str, known: list[str]) -> None:
    """Raise the usage error for a verb that is not there, with the nearest that is."""
    from difflib import get_close_matches

    lang = str(ctx.obj)
    near = get_close_matches(name, known)
    hint = words("usage-near", lang, names=" / ".join(near)) if near else ""
    raise click.UsageError(words("usage-verb", lang, name=name, near=hint), ctx)


@click.command(cls=Program, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="compliance", message="%(prog)s %(version)s")
def program() -> None:
    """申报文件合规核查。Check securities filings against the rules.

    例 Example: compliance check cases/300766/filing.yaml --as-of 2025-12-31
    """


def lang_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--lang``: Chinese or English."""
    option = click.option("--lang", type=click.Choice(("zh", "en")), default="zh", envvar="COMPLIANCE_LANG", help="语言。Language.")
    return option(function)


def pack_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--pack``: the rule book's folder."""
    return click.option("--pack", type=PATH, metavar="DIR", help="规则库文件夹。The rule book's folder.")(function)


def out_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--out``: the file that the output goes to."""
    return click.option("--out", type=PATH, metavar="PATH", help="写入文件。Write to a file.")(function)


def as_of_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--as-of``: the day of the check."""
    said = "核查基准日，默认为申报文件写明的日期，没有写明的为今天。The day of the check; else the filing's own, else today."
    return click.option("--as-of", metavar="DATE", help=said)(function)


def day_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--as-of`` of a verb on many filings: one day for all of them."""
    said = "核查基准日，各家相同，默认为今天。The day of the check, the same for all; else today."
    return click.option("--as-of", metavar="DATE", help=said)(function)


def filing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that checks a filing on one route."""
    route = click.option("--route", metavar="KIND", help="试算另一路径，不改动文件。Try another route; the file stays as it is.")
    return case_options(route(function))


def case_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that takes a filing to the rules."""
    told = "他方的判断，或填好的资料清单。Others' answers, or a list of needs filled in."
    answers = click.option("--answers", type=PATH, metavar="FILE", multiple=True, help=told)
    return pack_option(lang_option(as_of_option(answers(function))))
