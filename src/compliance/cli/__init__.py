"""The command line: one file per verb, the exit status, and how mistakes and faults are shown.

Exit status: 4 internal error or interrupted; 2 bad usage, facts or pack; 1 a condition fails; 3 a condition is open;
0 otherwise. A verb is imported only when it is called.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

OK, FAILS, MISTAKE, STATUS_OPEN, FAULT = 0, 1, 2, 3, 4
DEBUG = "COMPLIANCE_DEBUG"  # set to anything but empty: a fault of the program shows its traceback
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupted(BaseException):
    """A signal asked the program to stop. No handler of ordinary errors catches it."""


def main() -> NoReturn:
    """Run the command line and end the process. The entry point of the ``compliance`` command."""
    # A check makes few cycles and ends: collecting them costs a tenth of its time. Nor does it need other tools' plugins.
    gc.set_threshold(1_000_000, 50, 50)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for name in _SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    status = run(sys.argv[1:])
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        status = status or FAULT
    if status in (FAULT, MISTAKE):
        # What is left in a closed or full pipe must not raise again while the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if "duckdb" not in sys.modules:  # it tells of everything of its own that is still held at the end
        gc.freeze()  # the process ends: to look through all that it holds for cycles once more would cost as much as starting it
    sys.exit(status)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def run(arguments: Sequence[str]) -> int:
    """The exit status of a command line, with everything shown that there is to show."""
    from compliance.cli import output

    lang = output.language_of(arguments)
    try:
        import click

        from compliance.cli.verbs import program
        from compliance.source import SourceError

        try:
            return int(program.main(list(arguments), prog_name="compliance", standalone_mode=False, obj=lang) or OK)
        except SourceError as error:
            output.mistakes(error.problems, lang)
            return MISTAKE
        except click.exceptions.Exit as error:
            return error.exit_code
        except click.exceptions.NoArgsIsHelpError as error:
            output.errors(error.format_message())
            return MISTAKE
        except click.UsageError as error:
            output.usage(error, lang)
            return MISTAKE
        except click.Abort:
            raise Interrupted("SIGINT") from None
    except (Interrupted, KeyboardInterrupt) as error:
        output.say(lang, "interrupted", signal=str(error) or "SIGINT")
        return FAULT
    except (output.ReaderGone, BrokenPipeError):
        return FAULT
    except Exception as error:
        if os.environ.get(DEBUG):
            import traceback

            traceback.print_exc()
        output.say(lang, "fault", kind=type(error).__name__, text=str(error), variable=DEBUG)
        return FAULT
