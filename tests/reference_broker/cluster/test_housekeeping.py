"""When a broker cleans its logs, in virtual time."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from kafka_conformance.reference_broker.cluster.housekeeping import CLEANER, Housekeeping
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.log.log_cleaner import CleanerSettings
from kafka_conformance.reference_broker.storage import StorageError


class Timer(NamedTuple):
    seconds: float
    do: Callable[[], None]

    def cancel(self) -> None:
        pass


class Loop:
    """Remembers the last timer for the cleaner; `now_ms` is the clock."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.loop = self.clock = self

    def call_later(self, seconds: float, do: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, do))
        return self.timers[-1]

    def now_ms(self) -> int:
        return 0


class Cleaner:
    """Has so much to do."""

    def __init__(self, *answers: bool | StorageError) -> None:
        self.answers = list(answers)
        self.settings = CleanerSettings()
        self.cleaner = self

    def work(self, now_ms: int) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, StorageError):
            raise answer
        return answer

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def started(cleaner: Cleaner, **settings: str) -> tuple[Housekeeping, Loop]:
    loop = Loop()
    housekeeping = Housekeeping(cast(Any, loop), cast(Any, cleaner))
    housekeeping.start(config(**settings))
    return housekeeping, loop


def config(**settings: str) -> BrokerConfig:
    return BrokerConfig({"log.cleaner." + name.replace("_", "."): value for name, value in settings.items()})


def test_a_cleaner_goes_on_while_there_is_work_and_then_waits() -> None:
    _, loop = started(Cleaner(True, False, StorageError("", "full")), backoff_ms="700")
    waits = []
    for _ in range(3):
        loop.timers[-1].do()
        waits.append(loop.timers[-1].seconds)

    assert waits == [0, 0.7, 0.7]


def test_a_changed_setting_starts_the_cleaner_anew_and_another_does_not() -> None:
    cleaner = Cleaner()
    housekeeping, loop = started(cleaner)
    timers = len(loop.timers)
    housekeeping.reconfigure(config())
    assert len(loop.timers) == timers

    housekeeping.reconfigure(config(threads="2"))
    assert loop.timers[-1].seconds == 0
    assert cleaner.settings.threads == 2


def test_there_is_no_cleaner_where_it_is_switched_off() -> None:
    _, on = started(Cleaner())
    _, off = started(Cleaner(), enable="false")
    _, without_threads = started(Cleaner(), threads="0")

    assert CLEANER == "log.cleaner.backoff.ms"
    assert len(on.timers) - 1 == len(off.timers) == len(without_threads.timers)
