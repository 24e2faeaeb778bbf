"""The built-in kinds of target. Listing them imports none of them."""

from __future__ import annotations

from importlib import import_module

from kafka_conformance.harness.target import Target, TargetKind


class _Module:
    """Makes a target with the `create` of a module beside this one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, argument: str, name: str) -> Target:
        module = import_module(f"kafka_conformance.plugins.targets.{self._name}")
        target: Target = module.create(argument, name)
        return target


SLOW = 0.2
"""A broker of another process answers in milliseconds, not in microseconds."""

TARGET_KINDS = (
    TargetKind(
        kind="reference",
        usage="reference[:brokers=N][,rf=N][,racks=A/B/C][,mutant=NAME][,data=DIR][,NAME=VALUE...]",
        summary="the reference broker in this process, in memory unless DIR is given",
        create=_Module("reference"),
        capabilities=(
            "isolate",
            "kill",
            "lasting-controller",
            "mutants",
            "pause",
            "restart",
            "settings",
            "three-nodes",
        ),
    ),
    TargetKind(
        kind="sim",
        usage="sim[:brokers=N][,rf=N][,racks=A/B/C][,mutant=NAME][,seed=N][,NAME=VALUE...]",
        summary="the reference broker in virtual time, repeatable from a seed",
        create=_Module("sim"),
        capabilities=(
            "isolate",
            "kill",
            "lasting-controller",
            "mutants",
            "pause",
            "restart",
            "settings",
            "three-nodes",
            "virtual-time",
        ),
    ),
    TargetKind(
        kind="tcp",
        usage="tcp:HOST:PORT[,HOST:PORT...]",
        summary="a cluster that already runs",
        create=_Module("tcp"),
        examples_factor=SLOW,
    ),
    TargetKind(
        kind="kafka",
        usage="kafka:VERSION[,brokers=N][,NAME=VALUE...]",
        summary="Apache Kafka from Maven Central, one node or several, started here on Java 17 or newer",
        create=_Module("kafka"),
        capabilities=("kill", "pause", "restart", "three-nodes"),
        examples_factor=SLOW,
    ),
    TargetKind(
        kind="docker",
        usage="docker:IMAGE[,brokers=N][,NAME=VALUE...]",
        summary="nodes in containers of an image that has Apache Kafka in /opt/kafka, as Apache's own has",
        create=_Module("docker"),
        capabilities=("isolate", "kill", "pause", "restart", "three-nodes"),
        examples_factor=SLOW,
    ),
    TargetKind(
        kind="mock",
        usage="mock[:brokers=N]",
        summary="librdkafka's mock cluster, through confluent-kafka",
        create=_Module("mock"),
    ),
    TargetKind(
        kind="exec",
        usage="exec:COMMAND",
        summary="a broker that a command starts; {host}, {port} and {directory} stand for where",
        create=_Module("exec"),
        examples_factor=SLOW,
    ),
)
