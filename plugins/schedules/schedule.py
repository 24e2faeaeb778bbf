"""A schedule: what is drawn from a seed, as data that can be written down, cut down and played again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from kafka_conformance.harness.errors import UsageError

FAULTS_WITHIN_S = 7.0
"""Virtual seconds in which faults begin, counted from when the clients do."""
MOST_FAULTS = 7
PARTITIONS = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """A client: what kind, when it begins, and numbers that say what it does."""

    kind: str
    name: str
    starts_s: float
    options: Mapping[str, int]

    @property
    def shared(self) -> str:
        """The name of what it shares with others: a transactional id, a group."""
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is done to the cluster at a moment, and undone after `lasts_s` seconds where it can be."""

    kind: str
    at_s: float
    lasts_s: float = 0.0
    node: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """All that a run depends on, but for the defect that a broker may have."""

    seed: int
    brokers: int
    min_insync_replicas: int
    actors: tuple[Actor, ...]
    faults: tuple[Fault, ...]

    def without_fault(self, index: int) -> Schedule:
        """The same, but for one fault."""
        return replace(self, faults=self.faults[:index] + self.faults[index + 1 :])

    def without_actor(self, index: int) -> Schedule:
        """The same, but for one client."""
        return replace(self, actors=self.actors[:index] + self.actors[index + 1 :])

    def as_data(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)


def from_data(data: Any) -> Schedule:
    """The schedule of plain data. Raises UsageError."""
    try:
        return Schedule(
            seed=int(data["seed"]),
            brokers=int(data["brokers"]),
            min_insync_replicas=int(data["min_insync_replicas"]),
            actors=tuple(Actor(**actor) for actor in data["actors"]),
            faults=tuple(Fault(**fault) for fault in data["faults"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"is no schedule: {error!r}") from error


def draw(seed: int) -> Schedule:
    """The schedule of a seed."""
    chance = Random(f"{seed} schedule")
    brokers = chance.choices((3, 5), (9, 1))[0]
    return Schedule(
        seed=seed,
        brokers=brokers,
        min_insync_replicas=chance.choices((1, 2), (1, 3))[0],
        actors=tuple(_actors(chance)),
        faults=tuple(_faults(chance, brokers)),
    )


def with_everybody(seed: int, *faults: Fault) -> Schedule:
    """Clients of every kind on three brokers, with these faults."""
    chance = Random(f"{seed} everybody")
    actors = [Actor(kind, f"{kind}-0", 0.1, _options(kind, chance)) for kind in KINDS]
    return Schedule(seed, 3, 2, tuple(actors), faults)


# Clients

READERS = ("reads-committed", "reads-all")
GROUPS = ("group", "copy")
WRITERS = ("idempotent", "transactional", "all", "one", "none")
KINDS = (*WRITERS, *GROUPS, *READERS)
_WRITER_WEIGHTS = (5, 6, 3, 2, 1)


def _actors(chance: Random) -> list[Actor]:
    writers = chance.choices(WRITERS, _WRITER_WEIGHTS, k=chance.choice((1, 2, 2, 3)))
    kinds = [*writers, chance.choice(READERS)]
    if chance.random() < 0.5:
        kinds.append(chance.choice(GROUPS))
    actors = [actor for place, kind in enumerate(kinds) for actor in _actors_of(kind, place, chance)]
    return sorted(actors, key=lambda actor: actor.starts_s)


def _actors_of(kind: str, place: int, chance: Random) -> list[Actor]:
    starts_s = round(chance.uniform(0.0, 2.0), 3)
    first = Actor(kind, f"{kind}-{place}", starts_s, _options(kind, chance))
    if kind == "transactional" and chance.random() < 0.2:
        later_s = round(starts_s + chance.uniform(0.5, 8.0), 3)
        return [first, Actor(kind, f"{kind}-{place} rival", later_s, _options(kind, chance))]
    if kind == "group":
        later_s = round(starts_s + chance.uniform(0.0, 6.0), 3)
        return [first, Actor(kind, f"{kind}-{place} second", later_s, _options(kind, chance))]
    return [first]


def _options(kind: str, chance: Random) -> dict[str, int]:
    match kind:
        case "idempotent":
            return {"batches": chance.randint(5, 14), "in_flight": chance.randint(1, 5), "pace_ms": _pace(chance)}
        case "transactional":
            return {
                "transactions": chance.randint(2, 5),
                "protocol": chance.choice((1, 2, 2)),
                "timeout_ms": chance.choice((3_000, 8_000)),
                "pace_ms": _pace(chance),
            }
        case "all" | "one" | "none":
            return {"batches": chance.randint(5, 10), "pace_ms": _pace(chance)}
        case "copy":
            return {"protocol": chance.choice((1, 2, 2)), "timeout_ms": chance.choice((3_000, 8_000)), "most": 4}
        case "group":
            return {"polls": chance.choice((0, 0, 4, 10))}
        case _:
            return {}


def _pace(chance: Random) -> int:
    return chance.choice((50, 400, 1_000))


# Faults

_KINDS = {
    "kill": 6,
    "power": 2,
    "stop": 2,
    "pause": 3,
    "isolate": 3,
    "isolate-peers": 2,
    "isolate-controller": 2,
    "isolate-clients": 1,
    "cut": 2,
    "slow": 1,
    "elect": 2,
    "reassign": 2,
    "min-insync-replicas": 1,
    "lose-answers": 6,
    "hold-markers": 2,
}
"""What the nemesis can do -> how often it does."""


def _faults(chance: Random, brokers: int) -> list[Fault]:
    count = chance.choices(range(MOST_FAULTS + 1), (1, 3, 5, 5, 4, 3, 2, 1))[0]
    kinds = chance.choices(list(_KINDS), list(_KINDS.values()), k=count)
    faults = [_fault(kind, chance, brokers) for kind in kinds]
    return sorted(faults, key=lambda fault: fault.at_s)


def _fault(kind: str, chance: Random, brokers: int) -> Fault:
    node, other = chance.sample(range(1, brokers + 1), 2)
    lasts_s = round(chance.choice((0.02, 0.3, 1.0, 3.0, 6.0)) * chance.uniform(0.5, 1.5), 3)
    return Fault(kind, round(chance.uniform(0.2, FAULTS_WITHIN_S), 3), lasts_s, node, other)
