"""The one registry of the APIs that the broker serves: key, versions, handler.

Dispatch, ApiVersions, the documentation's matrix and the fuzzer all read it, so that what is advertised is what is
served. A handler is registered by importing its module; `load_all` imports them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from os import listdir
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message, VersionRange, version_range

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.context import Context

Answer = Message | None
"""A response; None where the request asks for none (Produce with acks=0)."""

Handler = Callable[["Context", Any], Answer | Awaitable[Answer]]
H = TypeVar("H", bound=Handler)


class ServedApi(NamedTuple):
    """An API with the versions that are served, those that are advertised (Produce differs), and what answers it."""

    key: ApiKey
    versions: VersionRange
    advertised: VersionRange | None
    handler: Handler


_apis: dict[ApiKey, ServedApi] = {}


def api(key: ApiKey, versions: str, *, advertised: str | None = None) -> Callable[[H], H]:
    """Register the function below as the handler of `key`.

    `versions` are those that are served, in the notation of Kafka's message files; `advertised` are those that
    ApiVersions shows where they differ, "none" where the API is answered but not shown.
    """

    def register(handler: H) -> H:
        if key in _apis:
            raise ValueError(f"{key.name} is registered twice: {_apis[key].handler.__module__}, {handler.__module__}")
        served = version_range(versions)
        shown = served if advertised is None else version_range(advertised)
        _apis[key] = ServedApi(key, served, shown if shown.last >= shown.first else None, handler)
        return handler

    return register


def load_all() -> Mapping[ApiKey, ServedApi]:
    """Import every module of this package and return what they registered, by key."""
    package = import_module("kafka_conformance.reference_broker.apis")
    for file in sorted(listdir(package.__path__[0])):  # pkgutil would cost a broker's process a millisecond
        if file.endswith(".py") and file != "__init__.py":
            import_module(f"{package.__name__}.{file[:-3]}")
    return MappingProxyType(_apis)
