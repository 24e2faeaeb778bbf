"""The classes by which a broker keeps fetch sessions."""

from typing import NamedTuple

from kafka_conformance.reference_broker.fetch.cache import FetchSessionCache
from kafka_conformance.reference_broker.fetch.contexts import FetchContexts
from kafka_conformance.reference_broker.fetch.session import FetchSession


class FetchParts(NamedTuple):
    """Put a subclass in place of one of these to get sessions with another behaviour."""

    session: type[FetchSession] = FetchSession
    cache: type[FetchSessionCache] = FetchSessionCache
    contexts: type[FetchContexts] = FetchContexts
