"""Filings that try to break out of a report: markup, formulas and direction marks in every text, much too long, much too many, or empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EVIL = (
    '</script><script>window.evil=1</script><img src=x onerror="window.evil=1">\u202egnp.exe\u202c\U0001f600'
    " & \"a\" 'b' {{7*7}} ${x} `c` ]]>"
)
KEY = EVIL.replace("]", "")  # a key holds no brackets
FORMULA = '=HYPERLINK("http://example.invalid";"x")'
LONG = "题" * 9_999 + "末"
MANY = 500
FEW = 60  # as many as a table needs to run over several pages


def filing(**put: Any) -> dict[str, Any]:
    """A filing of little more than a title."""
    return {
        "schema": "compliance.filing/1",
        "pack": "cn-refinancing",
        "issuer": {"code": "300766", "name": put.get("name", "某公司"), "board": "chinext"},
        "offering": {"title": put.get("title", "发行"), "route": "auction", "board_date": "2024-12-25", "gross_proceeds": "10000万元"},
    }


def hostile(many: int = MANY) -> dict[str, Any]:
    """Everything at once, with so many investments."""
    made = filing(name=EVIL + LONG, title=FORMULA)
    at = {"document": "reply", "page": 1, "line": 1, "section": EVIL, "index": FORMULA, "by": EVIL}
    made["documents"] = {"reply": {"title": EVIL, "number": FORMULA, "date": "2025-12"}}
    items = [{"name": f"={KEY}{number}", "kind": "equity", "amount": "1万元", "counted": False, "at": at} for number in range(many)]
    made["investments"] = {"complete": True, "at": at, "items": items}
    reason = {"zh": EVIL, "en": EVIL}
    made["judgements"] = [
        {"path": f"investments[={KEY}{n}].financial", "answer": n % 2 == 0, "reason": reason, "at": at} for n in range(many)
    ]
    return made


def write(folder: Path, plain: dict[str, Any]) -> Path:
    """A filing as a file."""
    path = folder / "filing.json"
    path.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    return path
