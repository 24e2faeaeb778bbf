"""What runs the queries: something that holds the tables of a history and answers SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from kafka_conformance.harness.checkers.catalogue import view
from kafka_conformance.harness.histories.history import History, Row


class Result(NamedTuple):
    """The names of the columns, and the rows."""

    columns: tuple[str, ...]
    rows: list[Row]


class Engine(ABC):
    """One engine with one history at a time. A context manager that closes it."""

    name: str

    @abstractmethod
    def load(self, history: History) -> None:
        """Takes the rows of a history in the place of those it had; its views are gone."""

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Takes the rows of a history in Parquet, as `histories.parquet` has it. Raises UsageError."""

    @abstractmethod
    def make_view(self, name: str, sql: str) -> None:
        """Keeps the result of a query under a name."""

    @abstractmethod
    def query(self, sql: str) -> Result:
        """The result of a query, its rows in any order."""

    @abstractmethod
    def close(self) -> None:
        """Gives back what it holds; may be called twice."""

    def make_views(self, names: Iterable[str]) -> None:
        """Makes those shared views, in that order."""
        for name in names:
            self.make_view(name, view(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
