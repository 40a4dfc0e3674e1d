"""What an editor shows of a filing: Chinese completion and explanations, through the YAML language server that editors use.

The server is a program of its own (``npm install yaml-language-server``). It is taken from the variable
``YAML_LANGUAGE_SERVER`` or from the path; where it is not installed these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import ROOT, run

SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="yaml-language-server is not installed: npm install yaml-language-server")
TIME_LIMIT = 120  # seconds after which a server that hangs is ended, and its test fails


class Editor:
    """Speaks to a language server as an editor does, over its standard input and output."""

    def __init__(self, folder: Path) -> None:
        assert SERVER is not None
        self.folder = folder
        self.process = subprocess.Popen([SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.number = 0
        self.diagnosed: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": CAPABILITIES})
        self.tell("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def tell(self, method: str, parameters: Any) -> None:
        """A notice that has no answer."""
        self.send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: Any) -> Any:
        """A request; gives its answer, and meanwhile answers what the server asks."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": parameters})
        while True:
            message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def receive(self) -> dict[str, Any]:
        """The next message; requests of the server for settings are answered with none."""
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnosed[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else []
            self.send({"id": message["id"], "result": [SETTINGS.get(item.get("section")) for item in asked] if asked else None})
        return message

    def open(self, name: str, text: str) -> str:
        """A document as the editor shows it; gives its address."""
        uri = (self.folder / name).as_uri()
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def mistakes(self, uri: str) -> list[str]:
        """What the server finds wrong with a document, once it has looked."""
        while uri not in self.diagnosed:
            self.receive()
        return [found["message"] for found in self.diagnosed[uri]]

    def at(self, method: str, uri: str, line: int, column: int) -> Any:
        """A request about a place in a document, both counted from 0."""
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}})


CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
}
SETTINGS = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
}


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form as ``init`` writes it, with the schema beside it."""
    path = tmp_path_factory.mktemp("form") / "form.yaml"
    done = run("init", "300766", "--route", "auction", "--board", "chinext", "--as-of", "2025-12-31", "--out", str(path))
    assert done.status == 0, done.err
    return path


@pytest.fixture(scope="module")
def editor(form: Path) -> Iterator[Editor]:
    """An editor in the form's folder."""
    from threading import Timer

    found = Editor(form.parent)
    limit = Timer(TIME_LIMIT, found.process.kill)
    limit.start()
    with found.process:
        yield found
        limit.cancel()
        found.process.kill()


def place(text: str, start: str) -> tuple[int, int]:
    """The line that begins so, after its indentation, and the column where that ends; both from 0."""
    lines = text.split("\n")
    number = next(number for number, line in enumerate(lines) if line.lstrip().startswith(start))
    return number, len(lines[number]) - len(lines[number].lstrip()) + len(start)


def test_the_form_of_init_is_without_mistakes(editor: Editor, form: Path) -> None:
    text = form.read_text(encoding="utf-8")
    assert editor.mistakes(editor.open("form.yaml", text)) == []
    wrong = text.replace("  gross_proceeds:", "  gross_proceeds: 100\n  gross_proceed: 1元")
    found = editor.mistakes(editor.open("wrong.yaml", wrong))
    assert any("gross_proceed " in message for message in found) and len(found) == 2, found


def test_the_members_of_a_kind_are_offered_with_their_chinese_labels(editor: Editor, form: Path) -> None:
    text = form.read_text(encoding="utf-8").replace('  route: "auction"', "  route: ")
    uri = editor.open("route.yaml", text)
    items = editor.at("completion", uri, *place(text, "route: "))["items"]
    offered = {item["label"]: json.dumps(item, ensure_ascii=False) for item in items}
    assert {"auction", "fixed", "rights", "convertible_public"} <= set(offered)
    assert "竞价" in offered["auction"]


def test_fields_are_offered_with_their_chinese_labels(editor: Editor, form: Path) -> None:
    text = form.read_text(encoding="utf-8").replace("  gross_proceeds:\n", "  gross\n")
    uri = editor.open("field.yaml", text)
    items = {item["label"]: json.dumps(item, ensure_ascii=False) for item in editor.at("completion", uri, *place(text, "gross"))["items"]}
    assert "募集资金总额" in items["gross_proceeds"]


def test_a_field_is_explained_in_chinese(editor: Editor, form: Path) -> None:
    text = form.read_text(encoding="utf-8")
    uri = editor.open("hover.yaml", text)
    line, column = place(text, "gross_proceeds")
    shown = json.dumps(editor.at("hover", uri, line, column - 3), ensure_ascii=False)
    assert "募集资金总额" in shown and "未扣除发行费用" in shown


def test_a_case_is_explained_by_the_schema_of_its_pack(editor: Editor) -> None:
    path = ROOT / "cases" / "300766" / "filing.yaml"
    text = path.read_text(encoding="utf-8")
    uri = path.as_uri()
    editor.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
    assert editor.mistakes(uri) == []
    line, column = place(text, "gross_proceeds")
    assert "募集资金总额" in json.dumps(editor.at("hover", uri, line, column - 3), ensure_ascii=False)
