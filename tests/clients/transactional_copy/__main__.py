"""Copies with many seeds, on any target that can kill and restart one of three brokers; exits 1 if one goes wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from kafka_conformance.plugins.builtin import make_registry
from tests.clients.transactional_copy import SETTINGS, TARGET
from tests.clients.transactional_copy.arrangement import copy
from tests.clients.transactional_copy.copiers import COPIERS, Unavailable


def main() -> int:
    """One line for each copy."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--target", default=TARGET)
    parser.add_argument("--client", choices=COPIERS, action="append", help="all of them unless given")
    parser.add_argument("--seeds", default="1-1", metavar="FIRST-LAST")
    parser.add_argument("--verbose", action="store_true", help="say what is done when")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    wrong = 0
    for seed in range(int(first), int(last or first) + 1):
        for client in options.client or COPIERS:
            wrong += not _holds(options.target, client, seed, options.verbose)
    sys.stdout.write(f"{wrong} copies went wrong\n")
    return int(wrong > 0)


def _holds(target_text: str, client: str, seed: int, verbose: bool) -> bool:
    def say(text: str) -> None:
        if verbose:
            sys.stdout.write(f"  {text}\n")
            sys.stdout.flush()

    try:
        command = COPIERS[client]()
    except Unavailable as error:
        sys.stdout.write(f"seed {seed}, {client}: skipped, {error}\n")
        return True
    target = make_registry().target(f"{target_text},{SETTINGS}")
    target.seed = seed
    target.start()
    try:
        with tempfile.TemporaryDirectory(prefix="kafka-conformance-copy-") as directory:
            outcome = copy(target, command, seed, Path(directory), say=say)
    except Exception:  # noqa: BLE001 - the next copy may go well
        sys.stdout.write(f"seed {seed}, {client}: WRONG\n{traceback.format_exc()}\n{target.evidence()[-3000:]}\n")
        return False
    finally:
        target.stop()
        target.close_loop()
        sys.stdout.flush()
    sys.stdout.write(f"seed {seed}, {client}: {outcome}\n")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
