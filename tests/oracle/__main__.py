"""``python -m tests.oracle [COUNT [SEED]]``: compare so many random filings and say where the deciders differ."""

from __future__ import annotations

import sys
from collections import Counter
from pprint import pformat

from .comparison import Difference, tried
from .deciders import Batched, engines


def size(difference: Difference) -> int:
    """How long a filing is: the smallest is shown."""
    return len(repr(difference.tried.facts))


def main() -> int:
    """Compare, print, and give 1 where a decider is wrong or the conclusion engines differ."""
    count, seed = (int(text) for text in (*sys.argv[1:3], *("1000", "0")[len(sys.argv) - 1 :]))
    tally = tried(count, seed)
    print(f"{tally.filings} filings, {tally.exact} of them exact; {len(tally.wrong)} wrong, {len(tally.unsure)} unsure though decided")
    asked = sum(Batched.in_columns.values())
    print(f"{asked} evaluations in columns, of which {Batched.in_columns[False]} did not fit and went to the scalar form")
    print(f"{tally.concluded} conclusions by {' and '.join(engines())}; {len(tally.disputed)} filings disputed {tally.disputed[:9]}")
    for (rule, word), number in sorted(tally.verdicts.items()):
        print(f"  {rule}: {word} {number}")
    for title, differences in (("WRONG", tally.wrong), ("UNSURE", tally.unsure)):
        kinds = Counter((d.decider, d.rule, d.given, d.expected) for d in differences)
        for kind, number in kinds.most_common():
            least = min((d for d in differences if (d.decider, d.rule, d.given, d.expected) == kind), key=size)
            print(
                f"{title} {number} times: {least}; as of {least.tried.as_of}, answers {least.tried.answers}",
                pformat(least.tried.facts, width=150),
                sep="\n",
            )
    return 1 if tally.wrong or tally.disputed else 0


if __name__ == "__main__":
    sys.exit(main())
