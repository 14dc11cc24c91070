"""The command `tiendoso`: stdout is the answer, stderr the log.

Exit codes: 0 done, 1 something was rejected, 2 wrong usage, 3 a fault of the house.
"""

from __future__ import annotations

import logging
import sys

import click

from etl.cli import access, loading, running, upkeep


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tiendoso")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done, on stderr.")
def main(verbose: bool) -> None:
    """Tiến Độ Số: loads the workbooks that units send, answers each, and charts progress by unit and quarter."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


for command in (
    loading.ingest,
    loading.check,
    loading.template,
    loading.build,
    loading.withdraw,
    loading.export,
    loading.demo,
    running.watch,
    running.serve,
    running.settings,
    running.nginx,
    upkeep.doctor,
    upkeep.verify,
    upkeep.backup,
    upkeep.restore,
    upkeep.reread,
    access.user,
    access.token,
    access.audit_log,
):
    main.add_command(command)
