"""Rules of the house that no import graph can see."""

from __future__ import annotations

import ast
import re
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import main
from etl.findings import WORDING
from etl.reference import load_reference
from etl.settings import Settings, as_document
from sql import queries

ROOT = Path(__file__).parents[2]
PACKAGES = ("etl", "sql", "dashboard")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
SQL_ALLOWED = {ROOT / "sql" / "warehouse.py", ROOT / "sql" / "__init__.py", ROOT / "etl" / "build.py"}
SQL = re.compile(
    r"\b(select|insert into|update|delete from|create (table|view|macro))\b.*\b(from|values|set|as|\()", re.I | re.S
)


def _strings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented
    ]


@pytest.mark.parametrize("path", [path for path in MODULES if path not in SQL_ALLOWED], ids=str)
def test_python_holds_no_sql(path: Path) -> None:
    assert [
        text
        for text in _strings(path)
        if SQL.search(text) and re.match(r"\s*(select|insert|update|delete|create|with)\b", text, re.I)
    ] == []


def test_every_query_file_has_its_function_and_every_function_its_file() -> None:
    files = {path.stem for path in (ROOT / "sql" / "queries").glob("*.sql")}
    tree = ast.parse((ROOT / "sql" / "queries.py").read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    assert files == functions
    assert all(callable(getattr(queries, name)) for name in functions)


@pytest.mark.parametrize("path", sorted((ROOT / "sql" / "marts").glob("*.sql")), ids=lambda path: path.stem)
def test_every_mart_says_what_one_row_is(path: Path) -> None:
    assert "-- grain:" in path.read_text(encoding="utf-8")


def test_every_finding_code_is_used_and_worded_in_both_languages() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODULES if path.name != "findings.py")
    unused = [code for code in WORDING if f'"{code}"' not in source]
    assert unused == []
    for code, wording in WORDING.items():
        assert wording.vi.strip(), code
        assert wording.en.strip(), code
        assert wording.vi != wording.en, code


def test_every_finding_code_used_in_the_source_has_words() -> None:
    used = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_finding = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args
            if is_finding and isinstance(node.args[0], ast.Constant):
                used.add(node.args[0].value)
    assert used - set(WORDING) == set()


def test_every_finding_code_has_a_test() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)
    )
    assert [code for code in WORDING if f'"{code}"' not in tests] == []


def test_shipped_reference_data_loads() -> None:
    reference = load_reference(ROOT / "data" / "reference")
    assert len(reference.indicators) >= 40


def test_every_command_has_help() -> None:
    runner = CliRunner()
    listed = runner.invoke(main, ["--help"])
    assert listed.exit_code == 0
    for name, command in main.commands.items():
        assert command.help, name
        assert runner.invoke(main, [name, "--help"]).exit_code == 0


def test_the_table_of_settings_is_made_from_the_settings() -> None:
    """After a change of a setting: tiendoso settings --markdown > docs/settings.md."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == as_document()
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        assert field.description, name
        assert isinstance(extra, dict), f'{name} lacks json_schema_extra={{"vi": …}}'
        assert extra.get("vi"), f"{name} lacks its meaning in Vietnamese"


def test_no_module_of_the_dashboard_bears_the_name_of_an_installed_module() -> None:
    names = {path.stem for path in (ROOT / "dashboard").glob("*.py")} - {"__init__", "__main__"}
    folders = {Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    installed = {path.stem for folder in folders for path in folder.iterdir() if path.suffix in ("", ".py")}
    assert names & installed == set()


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "core", "services", "manager"])
def test_nothing_is_without_a_name_of_its_own(word: str) -> None:
    assert [path for path in MODULES if word in (path.stem, path.parent.name)] == []
