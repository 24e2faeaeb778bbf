"""Removes the containers and the network of a run when its process ends: `python -m ....docker_guardian RUN`.

Its standard input is a pipe whose other end the run holds: it closes whatever the run ends by, SIGKILL too.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient

LABEL = "kafka-conformance.run"


def remove(client: DockerClient, run: str) -> None:
    """Removes all that carries the label of the run; what is gone already, or whose engine is gone, is no error."""
    import docker
    import requests

    those = {"label": f"{LABEL}={run}"}
    with contextlib.suppress(docker.errors.DockerException, requests.RequestException):
        for container in client.containers.list(all=True, filters=those, ignore_removed=True):
            with contextlib.suppress(docker.errors.APIError):
                container.remove(force=True, v=True)
        for network in client.networks.list(filters=those):
            with contextlib.suppress(docker.errors.APIError):
                network.remove()


def main(run: str) -> None:
    """Waits for the end of the run."""
    import docker

    sys.stdin.buffer.read()
    client = docker.from_env()
    remove(client, run)
    client.close()


if __name__ == "__main__":
    main(sys.argv[1])
