"""What every command shares: our own exceptions at the edge, the settings, the reference data."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import click
from pydantic import ValidationError

from etl.errors import HouseError
from etl.settings import REPOSITORY, Settings

if TYPE_CHECKING:
    from etl.reference import Reference

REJECTED, HOUSE_FAULT = 1, 3
SHIPPED_REFERENCE = REPOSITORY / "data" / "reference"

P = ParamSpec("P")


def at_the_edge(command: Callable[P, None]) -> Callable[P, None]:
    """Turns our own exceptions into one line on stderr and exit code 3."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except HouseError as error:
            click.echo(f"tiendoso: {error.message}", err=True)
            if error.hint:
                click.echo(f"  → {error.hint}", err=True)
            sys.exit(HOUSE_FAULT)

    return run


def read_settings() -> Settings:
    """The settings of this installation; a wrong one is named. Raises HouseError."""
    try:
        return Settings()
    except ValidationError as wrong:
        faults = "; ".join(
            f"TIENDOSO_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in wrong.errors() if fault["loc"]
        )
        raise HouseError(f"Wrong setting: {faults}", "Correct the environment variable and start again.") from wrong


def read_reference(settings: Settings) -> Reference:
    """The installation's reference data, copied from the shipped one on first start."""
    from etl.reference import copy_reference, load_reference

    copy_reference(SHIPPED_REFERENCE, settings.reference)
    return load_reference(settings.reference)
