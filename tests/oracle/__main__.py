"""``python -m tests.oracle [COUNT [SEED]] [--jobs N]``: compare so many random filings and say where the deciders differ.

What is tried is told by COUNT and SEED alone, however many processes share the work.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pprint import pformat

from .comparison import Difference, Tally, blocks
from .deciders import DECIDERS, engines
from .oracle import RULES

VERDICTS = ("pass", "fail", "not_applicable", "open", "absent")


def size(difference: Difference) -> int:
    """How long a filing is: the smallest is shown."""
    return len(repr(difference.tried.facts))


def table(tally: Tally) -> Iterator[str]:
    """How many filings gave which verdict, rule by rule, and which verdicts were never seen."""
    yield f"{'verdicts of the oracle':34}" + "".join(f"{word:>15}" for word in VERDICTS)
    for rule in RULES:
        yield f"{rule:34}" + "".join(f"{tally.verdicts[rule, word]:15}" for word in VERDICTS)
    for rule in RULES:
        for word in VERDICTS[:4]:
            if not tally.verdicts[rule, word]:
                yield f"NEVER SEEN: {rule} {word}"


def shown(tally: Tally) -> Iterator[str]:
    """What was tried and how it compared, line by line."""
    families = ", ".join(f"{name} {number}" for name, number in sorted(tally.families.items()))
    yield f"{tally.filings} filings ({families}), {tally.exact} of them exact, {tally.filings - tally.exact} vague"
    yield f"{sum(tally.verdicts.values())} verdicts, each by {', '.join(DECIDERS)}"
    yield f"{len(tally.wrong)} wrong, {len(tally.unsure)} unsure though decided"
    yield f"{tally.fitted.total()} verdicts in columns, of which {tally.fitted[False]} did not fit and went to the scalar form"
    yield f"{tally.concluded} conclusions by {' and '.join(engines())}; {len(tally.disputed)} filings disputed {tally.disputed[:9]}"
    yield from table(tally)
    for title, differences in (("WRONG", tally.wrong), ("UNSURE", tally.unsure)):
        kinds: dict[tuple[str, str, str], list[Difference]] = {}
        for difference in differences:
            kinds.setdefault((difference.rule, difference.given, difference.expected), []).append(difference)
        for found in kinds.values():
            least = min(found, key=size)
            by = ", ".join(f"{decider} {number}" for decider, number in Counter(d.decider for d in found).items())
            yield f"{title} by {by}, the smallest: {least}; as of {least.tried.as_of}, answers {least.tried.answers}"
            yield pformat(least.tried.facts, width=150)


def main() -> int:
    """Compare, print, and give 1 where a decider is wrong or the conclusion engines differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description="Compare random filings with the oracle.")
    parser.add_argument("count", nargs="?", type=int, default=1000, help="filings to try")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="another seed tries others")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the work")
    given = parser.parse_args()
    tally = Tally()
    for part in blocks(given.count, given.seed, given.jobs):
        tally.add(part)
        print(f"{tally.filings} of {given.count}: {len(tally.wrong)} wrong, {len(tally.disputed)} disputed", file=sys.stderr, flush=True)
    print("\n".join(shown(tally)))
    return 1 if tally.wrong or tally.disputed else 0


if __name__ == "__main__":
    sys.exit(main())
