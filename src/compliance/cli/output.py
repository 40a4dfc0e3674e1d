"""Where the command line's words go: to the terminal, a pipe or a file, whole and in UTF-8."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from compliance.cli.words import say as words

if TYPE_CHECKING:
    import click

    from compliance.reports.paper import Paper
    from compliance.source import Problem

LANGUAGES = ("zh", "en")
MAX_MISTAKES = 1000  # lines that a screen is filled with


class ReaderGone(Exception):
    """Whoever read the output has closed it."""


def language_of(arguments: Sequence[str]) -> str:
    """The language asked for, found before the arguments are read, so that mistakes in them are told in it."""
    found = os.environ.get("COMPLIANCE_LANG", "zh")
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang" and index + 1 < len(arguments):
            found = arguments[index + 1]
        elif argument.startswith("--lang="):
            found = argument.removeprefix("--lang=")
    return found if found in LANGUAGES else "zh"


def visible(text: str) -> str:
    """Text as a terminal may show it (see ``source.visible``); what is imported for it waits until there is something to show."""
    from compliance import source

    return source.visible(text)


def show(text: str, stream: TextIO | None = None) -> None:
    """Write a text whole: as UTF-8 into a pipe or file, in the terminal's own encoding on a terminal."""
    to = stream or sys.stdout
    if to is None:  # whoever started the program closed it
        raise ReaderGone
    encoding = (to.encoding or "utf-8") if to.isatty() else "utf-8"
    data = text.encode(encoding, "backslashreplace")
    try:
        to.flush()
        to.buffer.write(data)
        to.buffer.flush()
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:  # a full disk
        if stream is not None:
            raise
        from compliance.source import Place, Problem, SourceError

        raise SourceError([Problem(Place("-"), "file-unwritable", {"reason": error.strerror or "?"})]) from None


def errors(text: str) -> None:
    """A line on the error stream; where even that is closed there is nobody to tell."""
    with contextlib.suppress(OSError, ReaderGone):
        if sys.stderr is not None:
            show(text.rstrip("\n") + "\n", sys.stderr)


def say(lang: str, code: str, /, **values: object) -> None:
    """One line of the command line's own on the error stream."""
    errors(visible(words(code, lang, **values)))


def mistakes(problems: Sequence[Problem], lang: str) -> None:
    """Every mistake, a line each; of more than anybody reads the first ones, and how many there are besides."""
    lines = [problem.text("en" if lang == "en" else "zh") for problem in problems[:MAX_MISTAKES]]
    if len(problems) > MAX_MISTAKES:
        lines.append(words("mistakes-more", lang, count=len(problems) - MAX_MISTAKES))
    errors("\n".join(lines))


def usage(error: click.UsageError, lang: str) -> None:
    """A mistake in the command line itself, with the help that would have told."""
    help_of = f"{error.ctx.command_path} --help" if error.ctx is not None else "compliance --help"
    say(lang, "usage", reason=reason_of(error, lang), help=help_of)


def reason_of(error: click.UsageError, lang: str) -> str:
    """A mistake in the command line in words."""
    import click

    if isinstance(error, click.NoSuchOption):
        near = words("usage-near", lang, names=" / ".join(error.possibilities)) if error.possibilities else ""
        return words("usage-option", lang, name=error.option_name, near=near)
    if isinstance(error, click.BadOptionUsage):
        return words("usage-argument", lang, name=error.option_name)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        is_option = isinstance(error.param, click.Option)
        return words("usage-missing", lang, name=error.param.opts[0] if is_option else error.param.human_readable_name)
    if isinstance(error, click.BadParameter) and error.param is not None and isinstance(error.param.type, click.Choice):
        name = error.param.opts[0]
        return words("usage-choice", lang, name=name, choices=" / ".join(map(str, error.param.type.choices)))
    return words("usage-other", lang, text=error.format_message())


def allow(out: Path | None, inputs: Iterable[Path], lang: str) -> None:
    """Raise ``SourceError`` where writing ``out`` would overwrite an input or replace what is no regular file.

    An input is a file with those that it revises, or a folder: of a rule book, or of the official wording.
    """
    from compliance.source import Place, Problem, SourceError

    if out is None or not os.path.exists(out):  # of a name that no file can have, writing tells what is wrong
        return
    code = ""
    if not out.is_file():
        code = "out-special"
    elif any(os.path.exists(path) and path.samefile(out) for given in inputs for path in read_with(given)):
        code = "out-input"
    if code:
        raise SourceError([Problem(Place(str(out)), "out-taken", {"reason": words(code, lang)})])


def demand_file(out: Path | None, form: str) -> None:
    """Raise ``SourceError`` where a form that is no text has no file to go to."""
    from compliance.source import Place, Problem, SourceError

    if out is None:
        raise SourceError([Problem(Place(f"--format {form}"), "out-needed")])


def read_with(given: Path) -> Iterator[Path]:
    """The files that are read with an input: those that it revises; of a folder its YAML files, and those of a book that it extends."""
    from compliance.facts.revising import files_below
    from compliance.packs.folder import folders
    from compliance.source import SourceError, is_folder

    if not is_folder(given):
        yield from (given, *files_below(given))
        return
    try:
        found = folders(given)
    except SourceError:  # what is wrong with it is told where it is read
        found = [given]
    for folder in found:
        for pattern in ("*", "*/*"):  # a book keeps its tests in folders of its own
            yield from (path for path in folder.glob(pattern) if path.suffix.lower() in (".yaml", ".yml"))


def deliver(text: str, out: Path | None, lang: str) -> None:
    """A report to the standard output, or whole into a file."""
    if out is None:
        show(text)
        return
    from compliance.source import write_text

    write_text(out, text)
    say(lang, "written", path=out)


def deliver_bytes(data: bytes, out: Path, lang: str) -> None:
    """A report that is no text, whole into a file."""
    from compliance.source import write_bytes

    write_bytes(out, data)
    say(lang, "written", path=out)


def deliver_several(files: Mapping[Path, bytes], inputs: Iterable[Path], lang: str) -> None:
    """Reports into a folder, which is made if need be: all of them, or none. Raises ``SourceError`` with all that is in the way."""
    from compliance.source import Problem, SourceError, make_folder, write_several

    given, problems = list(inputs), list[Problem]()
    for path in files:
        try:
            allow(path, given, lang)
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    for folder in dict.fromkeys(path.parent for path in files):
        make_folder(folder)
    write_several(files)
    for path in files:
        say(lang, "written", path=path)


@contextlib.contextmanager
def patience(code: str, lang: str, after: int = 1) -> Iterator[None]:
    """Tell on a terminal what takes more than a second, and take it back when it is done; elsewhere nothing is said."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    import threading

    line = visible(words(code, lang))
    told = threading.Event()

    def tell() -> None:
        told.set()
        with contextlib.suppress(OSError, ReaderGone):
            show(line, sys.stderr)

    timer = threading.Timer(after, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if told.is_set():
            with contextlib.suppress(OSError, ReaderGone):
                show("\r" + " " * (2 * len(line)) + "\r", sys.stderr)


def paper(out: Path | None = None) -> Paper:
    """What a text is written on: a terminal as wide as it is, in colour unless somebody asked for none; else a file or a pipe."""
    from compliance.reports.paper import PLAIN, fitting

    if out is not None or sys.stdout is None or not sys.stdout.isatty():
        return PLAIN
    columns = 0
    with contextlib.suppress(OSError, ValueError):
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    return fitting(columns, not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
