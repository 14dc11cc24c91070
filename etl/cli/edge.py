"""What every command shares: our own exceptions at the edge, the settings, the reference data."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import click

from etl.errors import HOUSE_FAULT, HouseError
from etl.settings import REPOSITORY, read_settings

if TYPE_CHECKING:
    from etl.reference import Reference
    from etl.settings import Settings

__all__ = ["HOUSE_FAULT", "REJECTED", "at_the_edge", "read_reference", "read_settings"]

REJECTED = 1
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


def read_reference(settings: Settings) -> Reference:
    """The installation's reference data, copied from the shipped one on first start."""
    from etl.reference import copy_reference, load_reference

    copy_reference(SHIPPED_REFERENCE, settings.reference)
    return load_reference(settings.reference)
