"""`kafka-conformance serve`: a reference cluster in a process of its own."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.harness.command import Command

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.hosting.addresses import Address
    from kafka_conformance.reference_broker.hosting.process import Served
    from kafka_conformance.reference_broker.parts import Parts

USAGE_STATUS = 2
MOST_BROKERS = 100

_DESCRIPTION = """\
Serve a reference cluster until SIGINT or SIGTERM. When clients can connect it prints one line,

  bootstrap.servers=HOST:PORT[,HOST:PORT...]

and with --control another, control=HOST:PORT.

Settings have Kafka's names and defaults, but for the few departures that a test double owes its users; what is not
supported is refused."""


class Setting(NamedTuple):
    """A setting of a broker, and where it was given."""

    name: str
    value: str
    where: str


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = _DESCRIPTION
    parser.add_argument("--brokers", metavar="N", type=_count, default=1, help="how many brokers (default 1)")
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=_address,
        help="where the first broker listens, the others on the ports behind it; port 0 takes free ones "
        "(default: the setting listeners, else 127.0.0.1:0)",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="keep logs on disk, in Kafka's formats, in DIR/broker-1 and so on, the controller's in DIR/metadata "
        "(default: the setting log.dirs, else in memory)",
    )
    parser.add_argument(
        "--set", metavar="NAME=VALUE", type=_setting, action="append", default=[], help="a setting by Kafka's name"
    )
    parser.add_argument("--config", metavar="FILE", help="settings from a server.properties; --set wins over it")
    parser.add_argument("--mutant", metavar="NAME", help="a named defect (kafka-conformance mutants lists them)")
    parser.add_argument(
        "--control",
        metavar="HOST:PORT",
        type=_address,
        help="also answer HTTP and JSON there: POST /faults, POST /brokers/ID/kill, POST /links, GET /trace, "
        "GET /health",
    )
    parser.add_argument("--json", action="store_true", help="print the line as JSON, with addresses and process id")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_BROKERS:
        raise ArgumentTypeError(f"expected a number from 1 to {MOST_BROKERS}, not {text!r}")
    return int(text)


def _address(text: str) -> Address:
    from kafka_conformance.reference_broker.hosting.addresses import parse_address

    try:
        return parse_address(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _setting(text: str) -> Setting:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return Setting(name.strip(), value, f"--set {text}")


def run(options: Namespace) -> int:
    """Serve; return 0 after a clean stop, 2 where that cannot start."""
    _start_fast()
    from kafka_conformance.reference_broker.config.errors import ConfigError
    from kafka_conformance.reference_broker.hosting.process import ProcessOptions, StartError, run_process

    settings: dict[str, Setting] = {}
    try:
        for each in (*_settings_of_file(options.config), *options.set):
            settings[each.name] = each
        process = ProcessOptions(
            brokers=options.brokers,
            listen=options.listen,
            data=options.data,
            settings={name: each.value for name, each in settings.items()},
            parts=_parts(options.mutant),
            control=options.control,
        )
        run_process(process, lambda served: _print_ready(served, as_json=options.json))
    except ConfigError as error:
        where = f"{settings[error.name].where}: " if error.name in settings else ""
        return _refuse(f"{where}{error.message}")
    except StartError as error:
        return _refuse(str(error))
    return 0


def _start_fast() -> None:
    """Spend no time on what a broker's process does not need on its way to its first answer.

    Collecting garbage among modules that stay takes a seventh of the start; ssl, which asyncio imports where it is
    to be had, another 10 ms, and there is no TLS listener.
    """
    import gc

    gc.disable()
    if "ssl" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment]
        import asyncio  # noqa: F401

        del sys.modules["ssl"]


def _started() -> None:
    import gc

    gc.freeze()
    gc.enable()


def _parts(mutant: str | None) -> Parts | None:
    if mutant is None:
        return None
    from kafka_conformance.reference_broker.config.errors import ConfigError
    from kafka_conformance.reference_broker.mutants import MUTANTS

    if mutant in MUTANTS:
        return MUTANTS[mutant].parts()
    from difflib import get_close_matches

    close = get_close_matches(mutant, MUTANTS, n=1)
    raise ConfigError(f"--mutant: there is no {mutant!r}" + (f"; did you mean {close[0]!r}?" if close else ""))


def _refuse(message: str) -> int:
    sys.stderr.write(f"kafka-conformance serve: {message}\n")
    return USAGE_STATUS


def _settings_of_file(path: str | None) -> Iterator[Setting]:
    if path is None:
        return
    from kafka_conformance.reference_broker.config.errors import ConfigError
    from kafka_conformance.reference_broker.config.properties import read_properties

    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"--config {path}: {error.strerror}") from None
    try:
        entries = read_properties(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}") from None
    for entry in entries:
        yield Setting(entry.name, entry.value, f"{path}, line {entry.line}")


def _print_ready(served: Served, *, as_json: bool) -> None:
    _started()
    line = f"bootstrap.servers={served.bootstrap_servers}"
    if served.control is not None:
        line += f"\ncontrol={served.control}"
    if as_json:
        import json
        import os

        line = json.dumps(
            {
                "bootstrap.servers": served.bootstrap_servers,
                "brokers": {str(node_id): str(address) for node_id, address in enumerate(served.addresses, 1)},
                "cluster.id": served.cluster.controller.image.cluster_id,
                "control": None if served.control is None else str(served.control),
                "pid": os.getpid(),
            }
        )
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


COMMAND = Command("serve", "Serve a reference cluster.", configure, run)
