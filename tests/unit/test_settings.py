"""A wrong setting stops the start with a word that names variable, value and what is allowed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from etl.cli import main
from etl.errors import HouseError
from etl.settings import Settings, read_settings


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TIENDOSO_PORT", "99999", "1 … 65535"),
        ("TIENDOSO_PORT", "http", "1 … 65535"),
        ("TIENDOSO_PROCESSES", "0", "1 … 16"),
        ("TIENDOSO_LOG", "yaml", "text | json"),
        ("TIENDOSO_PARSER_SECONDS", "0", "> 0"),
        ("TIENDOSO_KEEP_VERSIONS", "1", "≥ 2"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(HouseError) as told:
        read_settings()
    assert f"{variable}={value!r}: allowed is {words} (" in told.value.message


def test_all_wrong_settings_are_named_at_once_and_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_PORT", "x")
    monkeypatch.setenv("TIENDOSO_MAX_FILE_MB", "4000")
    monkeypatch.setenv("TIENDOSO_HOME_PROVINZ", "38")
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 3
    for name in ("TIENDOSO_PORT='x'", "TIENDOSO_MAX_FILE_MB='4000'", "there is no TIENDOSO_HOME_PROVINZ"):
        assert name in result.output
    assert "TIENDOSO_HOME_PROVINCE meant" in result.output


def test_the_last_of_several_ports_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_PORT", "65530")
    monkeypatch.setenv("TIENDOSO_PROCESSES", "6")
    assert list(read_settings().ports)[-1] == 65535
    monkeypatch.setenv("TIENDOSO_PROCESSES", "7")
    with pytest.raises(HouseError, match="ports end at 65535"):
        read_settings()


def test_names_of_the_server_are_this_machine_and_those_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(Settings().host_names) == {"localhost", "127.0.0.1", "::1"}
    monkeypatch.setenv("TIENDOSO_HOSTS", "so.tinh.gov.vn, 10.0.0.5 ,")
    assert read_settings().host_names[:2] == ["so.tinh.gov.vn", "10.0.0.5"]
    assert "10.1.1.1" in Settings(address="10.1.1.1").host_names
    assert "*" not in Settings(address="0.0.0.0").host_names


def test_the_present_settings_are_listed_with_a_star_where_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDOSO_MAX_FILE_MB", "7")
    lines = CliRunner().invoke(main, ["settings"]).output.splitlines()
    assert len(lines) == len(Settings.model_fields)
    assert any(line.startswith("* TIENDOSO_MAX_FILE_MB=7\t") for line in lines)
    assert any(line.startswith("  TIENDOSO_PORT=8501\t") for line in lines)
