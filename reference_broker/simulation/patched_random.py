"""While a simulation runs, the functions of the `random` module draw from the simulation's seed.

Client libraries use them freely (aiokafka 0.14: which node to ask for metadata, the order of fetches), and two runs
with one seed must still do the same.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager


class GlobalRandomness:
    """The state of the global generator that belongs to one simulation; kept from run to run of its loop."""

    def __init__(self, seed: str) -> None:
        self._state = random.Random(seed).getstate()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Swap the state in, and on the way out put back what was there before."""
        outer = random.getstate()
        random.setstate(self._state)
        try:
            yield
        finally:
            self._state = random.getstate()
            random.setstate(outer)
