"""The commands of a running installation: the loader, the web processes and who keeps them alive, their settings."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import click

from etl import logs, metrics
from etl.cli.edge import HOUSE_FAULT, at_the_edge, read_reference, read_settings
from etl.errors import HouseError
from etl.settings import REPOSITORY, Settings, as_document, variable

SITE: Final = REPOSITORY / "deploy" / "nginx.conf.in"
SIGN_IN: Final = "/etc/nginx/tiendoso-sign-in.conf"
STOP_SECONDS: Final = 8.0
WATCHER_NICENESS: Final = 5  # viewers come first
LOOK_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0  # a process that ran so long is no longer one that cannot start

_PLAIN: Final = re.compile(r"[A-Za-z0-9._/:-]+")

log = logging.getLogger(__name__)


@click.command()
@at_the_edge
def watch() -> None:
    """Take in what comes into the inbox, and keep the warehouse up to date, until stopped."""
    from etl import receipt
    from etl.pipeline import Pipeline
    from etl.watch import Watcher

    settings = read_settings()
    logs.start(settings.log, process=metrics.WATCHER)
    reference = read_reference(settings)
    settings.inbox.mkdir(parents=True, exist_ok=True)
    os.nice(WATCHER_NICENESS)
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    with metrics.Handover(settings.metrics, metrics.WATCHER, metrics.LOADER), Pipeline(settings, reference) as pipeline:
        Watcher(settings, pipeline).run(
            lambda: bool(stopped),
            lambda given: click.echo(receipt.as_text(given, reference)) if settings.log == "text" else None,
        )


@dataclass(slots=True)
class _Child:
    """A process to be kept alive, and how it fared."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=REPOSITORY)
        self.started_at = time.monotonic()

    def fell(self, code: int) -> None:
        """Notes that it ended by itself; soon tried again, more and more slowly if it never gets anywhere."""
        now = time.monotonic()
        self.falls = 1 if now - self.started_at > STEADY_SECONDS else self.falls + 1
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** (self.falls - 1))
        self.process, self.again_at = None, now + pause
        log.error("%s ended with code %s and is started again in %g s", self.name, code, pause)


@click.command()
@click.option("--watch/--no-watch", "is_watching", default=True, help="Also start the watcher (default).")
@at_the_edge
def serve(is_watching: bool) -> None:
    """Start the dashboard's web processes and, unless told not to, the watcher; whatever dies is started again."""
    settings = read_settings()
    settings.check_server()
    logs.start(settings.log, process="serve")
    read_reference(settings)
    _claim_ports(settings)
    children = [
        _Child(f"web-{number}", [sys.executable, "-m", "dashboard", str(number)])
        for number in range(1, settings.processes + 1)
    ]
    if is_watching:
        children.append(_Child(metrics.WATCHER, [sys.executable, "-m", "etl.cli", "watch"]))
    stopped: list[int] = []
    for received in (signal.SIGTERM, signal.SIGINT):
        signal.signal(received, lambda number, _: stopped.append(number))
    for child in children:
        child.start()
    addresses = " ".join(f"http://{settings.address}:{port}" for port in settings.ports)
    click.echo(addresses, err=True) if settings.log == "text" else log.info("serving %s", addresses)
    try:
        code = _keep_alive(children, stopped)
    finally:
        _stop(settings, children)
    sys.exit(code)


def _claim_ports(settings: Settings) -> None:
    """Raises HouseError if a port is taken: a process that can never start is not worth keeping alive."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    for port in settings.ports:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.address, port))
            except OSError as fault:
                raise HouseError(
                    f"Port {port} of {settings.address} cannot be used: {fault.strerror}.",
                    f"Stop whoever uses it, or set {variable('port')}.",
                ) from fault


def _keep_alive(children: list[_Child], stopped: list[int]) -> int:
    """Looks after the children until told to stop; our own exit code."""
    while not stopped:
        for child in children:
            code = child.process.poll() if child.process else None
            if code == HOUSE_FAULT:
                log.error("%s cannot start; everything is stopped", child.name)
                return HOUSE_FAULT
            if code is not None and not stopped:
                child.fell(code)
            elif child.process is None and time.monotonic() >= child.again_at:
                child.start()
        time.sleep(LOOK_SECONDS)
    return 0


def _stop(settings: Settings, children: list[_Child]) -> None:
    """Asks every child to end; whoever has not ended in time is killed."""
    running = [(child.name, child.process) for child in children if child.process and child.process.poll() is None]
    for _, process in running:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for name, process in running:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in %g s and is killed", name, STOP_SECONDS)
            process.kill()
            process.wait()
            metrics.forget(settings.metrics, name)


@click.command()
@click.option("--markdown", is_flag=True, help="The document docs/settings.md instead.")
@at_the_edge
def settings(markdown: bool) -> None:
    """List every setting with its present value; where it differs from the default, with a star."""
    if markdown:
        click.echo(as_document(), nl=False)
        return
    held = read_settings()
    for name, about in Settings.model_fields.items():
        value = getattr(held, name)
        written = ",".join(value) if isinstance(value, tuple) else str(value)
        click.echo(f"{'*' if value != about.default else ' '} {variable(name)}={written}\t{about.description}")


@click.command()
@click.option("--certificate", default="/etc/ssl/tiendoso/certificate.pem", help="Certificate with its chain.")
@click.option("--key", default="/etc/ssl/tiendoso/key.pem", help="Its private key.")
@click.option("--port", default=443, help="Port for https (default 443).")
@click.option("--plain-port", default=80, help="Port that only leads to https (default 80).")
@at_the_edge
def nginx(certificate: str, key: str, port: int, plain_port: int) -> None:
    """Print the site of nginx for these settings: TLS, limits, compression, websockets, sticky sessions."""
    click.echo(_site(read_settings(), certificate, key, port, plain_port), nl=False)


def _site(settings: Settings, certificate: str, key: str, port: int, plain_port: int) -> str:
    names = settings.public_names
    if not names:
        raise HouseError(
            "The site needs a name.", f"Set {variable('public_url')} to https://NAME, or {variable('hosts')}."
        )
    if strange := [word for word in (*names, certificate, key) if not _PLAIN.fullmatch(word)]:
        raise HouseError(
            f"“{strange[0]}” cannot stand in nginx's configuration.", "Use plain letters, digits, . - _ / :"
        )
    servers = {number: f"server {settings.address}:{held}" for number, held in enumerate(settings.ports, start=1)}
    holes = {
        "PLACES": [f'    "~:{held}$" {number};' for number, held in enumerate(settings.ports, start=1)],
        "ROUTES": [f'    "{number}" tiendoso_{number};' for number in servers],
        "NAMES": [f'    "{name}" 1;' for name in names],
        "SERVERS": [f"    {server} max_fails=1 fail_timeout=2s;" for server in servers.values()],
        "UPSTREAMS": [_upstream(number, servers) for number in servers],
        "SERVER_NAMES": [" ".join(names)],
        "CERTIFICATE": [certificate],
        "KEY": [key],
        "PORT": [str(port)],
        "PLAIN_PORT": [str(plain_port)],
        "PORT_SUFFIX": ["" if port == 443 else f":{port}"],
        "FILE_MB": [str(settings.max_file_mb)],
        "SIGN_IN": [f"    include {SIGN_IN};" if settings.sign_in == "proxy" else ""],
        "BODY": [str(settings.max_file_mb + 1)],  # a form around the file; the server itself is exact
    }
    site = SITE.read_text(encoding="utf-8")
    for name, lines in holes.items():
        site = site.replace(f"@{name}@", "\n".join(lines))
    if settings.sign_in == "proxy":  # the header that tells who comes is set by what is included
        emptied = rf'^ *proxy_set_header {re.escape(settings.proxy_header)} "";\n'
        site = re.sub(emptied, "", site, flags=re.IGNORECASE | re.MULTILINE)
    return site


def _upstream(number: int, servers: dict[int, str]) -> str:
    """One process, and the others for the time in which it is away."""
    lines = [f"    {servers[number]} max_fails=1 fail_timeout=2s;"]
    lines += [f"    {server} backup;" for other, server in servers.items() if other != number]
    return "\n".join(
        [f"upstream tiendoso_{number} {{", f"    zone tiendoso_{number} 64k;", *lines, "    keepalive 16;", "}"]
    )
