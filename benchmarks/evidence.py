"""How many of a filing's figures are found in its documents, with the true line among the proposals, and how long it takes.

    python benchmarks/evidence.py 300766=reply.txt 688327=plan.txt

Each argument is a case and the text of its one document. The true line is the one that the case's own evidence gives.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from compliance.cli.inputs import load_filing, load_pack
from compliance.evidence.documents import read
from compliance.evidence.index import Index
from compliance.evidence.locate import locate
from compliance.evidence.verify import PRINTED, WRONG, verify
from compliance.shipped import folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", metavar="CASE=FILE")
    pack = load_pack(None)
    total: Counter[str] = Counter()
    print("| case | kind | facts | true line proposed | first | share |")
    print("|---|---|---:|---:|---:|---:|")
    for given in parser.parse_args().cases:
        code, _, file = given.partition("=")
        filing = load_filing(folder("cases") / code / "filing.yaml", pack)
        (name,) = filing.documents
        started = time.perf_counter()
        index = Index(read(name, Path(file)))
        found: Counter[tuple[str, str]] = Counter()
        for one in locate(filing, {name: index}):
            cited = one.fact.evidence
            if cited is None or not cited.line:
                continue
            kind = "figures and days" if one.fact.field.type in PRINTED and one.fact.field.settled_by != "judgement" else "words"
            lines = [str(proposal.line) for proposal in one.proposals]
            found[kind, "all"] += 1
            found[kind, "hit"] += cited.line in lines
            found[kind, "first"] += lines[:1] == [cited.line]
        for kind in ("figures and days", "words"):
            row = {what: found[kind, what] for what in ("all", "hit", "first")}
            total.update({f"{kind} {what}": count for what, count in row.items()})
            print(f"| {code} | {kind} | {row['all']} | {row['hit']} | {row['first']} | {share(row['hit'], row['all'])} |")
        statuses = Counter(one.status for one in verify(filing, {name: index}))
        wrong = sum(statuses[status] for status in WRONG)
        print(f"<!-- {code}: {dict(statuses)}, not there: {wrong}; {time.perf_counter() - started:.1f} s -->")
    seen, hit, first = (total[f"figures and days {what}"] for what in ("all", "hit", "first"))
    print(f"| both | figures and days | {seen} | {hit} | {first} | {share(hit, seen)} |")


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


if __name__ == "__main__":
    main()
