"""From a frame to what becomes of it: header, API, decoding, handler, encoding.

Each decision has a method of its own, so that a mutant of the broker can take it otherwise.
Source: kafka.network.SocketServer (processCompletedReceives), RequestContext.parseRequest, KafkaApis.handle; observed
on 4.3.1: an unknown key or version, or a body that cannot be read, closes the connection; bytes behind a body and
unknown tagged fields do not matter; an ApiVersions version that is not known is answered in version 0.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import request_type
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.frames import RequestHeader, decode_request_header, encode_response
from kafka_conformance.protocol.layout import Buffer, Message
from kafka_conformance.protocol.messages.api_versions import ApiVersion, ApiVersionsResponse
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.registry import ServedApi
from kafka_conformance.reference_broker.cluster.context import CloseConnection, Context
from kafka_conformance.reference_broker.network.outcome import Close, Outcome, Pending
from kafka_conformance.reference_broker.network.trace import TracedRequest

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.network.connection import Connection

_log = logging.getLogger(__name__)


class Exchange(NamedTuple):
    """A request that has been understood, and who is to answer it."""

    api: ServedApi
    header: RequestHeader
    context: Context
    request: Message
    traced: TracedRequest | None


class Dispatcher:
    """Serves the requests of one broker's connections."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._apis = broker.apis
        self._clock = broker.env.clock

    def accepts_next(self, in_progress: int) -> bool:
        """Whether a connection with so many unanswered requests may have another one served."""
        return in_progress == 0

    def handle(self, connection: Connection, frame: Buffer) -> Outcome:
        """Serve one request."""
        try:
            header, position = decode_request_header(frame)
        except ProtocolError as error:
            return self.refuse_header(error)
        api = self._apis.get(header.api_key)  # type: ignore[call-overload]
        if api is None or not self.serves_version(api, header.api_version):
            return self.refuse(header)
        try:
            request = self.decode(header, frame, position)
        except ProtocolError as error:
            return Close(str(error))
        broker = self._broker
        context = Context(
            broker, header.api_version, header.client_id, connection.client_host, connection.id, self._clock.now_ms()
        )
        if broker.faults.active or broker.trace.recording:
            return self._handle_observed(Exchange(api, header, context, request, None), len(frame))
        return self.run(Exchange(api, header, context, request, None))

    def refuse_header(self, error: ProtocolError) -> Outcome:
        """Answer a header that cannot be read, or whose API nobody knows (UnsupportedVersionError)."""
        return Close(str(error))

    def serves_version(self, api: ServedApi, version: int) -> bool:
        """Whether a version is served; what ApiVersions shows does not matter here."""
        return version in api.versions

    def refuse(self, header: RequestHeader) -> Outcome:
        """Answer an API or version that is not served."""
        if header.api_key == ApiKey.API_VERSIONS:
            return self.refuse_api_versions(header)
        return Close(f"API key {header.api_key} version {header.api_version} is not served")

    def refuse_api_versions(self, header: RequestHeader) -> Outcome:
        """Answer ApiVersions of a version that is not served: in version 0, with the versions that are (KIP-511)."""
        served = self._apis[ApiKey.API_VERSIONS].versions
        known = ApiVersion(api_key=ApiKey.API_VERSIONS, min_version=served.first, max_version=served.last)
        response = ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=[known])
        return encode_response(response, 0, header.correlation_id)

    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        """Decode a request's body. Bytes behind it are ignored. Raises ProtocolError."""
        message, _ = decode_message(request_type(header.api_key), header.api_version, frame, position)
        return message

    def run(self, exchange: Exchange) -> Outcome:
        """Call the handler and shape its answer."""
        try:
            answer = exchange.api.handler(exchange.context, exchange.request)
            if answer is None or isinstance(answer, Message):
                return self.encode(exchange, answer)
        except CloseConnection as reason:
            return Close(str(reason))
        except Exception:  # noqa: BLE001  # the edge of a request: our mistakes must not stop the broker
            return self.answer_crash(exchange)
        if isinstance(answer, Deferred):
            shape = answer.shape
            return Pending(answer.future, lambda future: self._conclude(exchange, future, shape))
        future = asyncio.ensure_future(answer, loop=self._broker.env.loop)
        return Pending(future, lambda future: self._conclude(exchange, future, None))

    def encode(self, exchange: Exchange, answer: Message | None) -> Outcome:
        """Encode an answer; none is sent where the handler gave none."""
        traced = exchange.traced
        if traced is not None:
            traced.response = answer
            traced.answered_ms = self._clock.now_ms()
        if answer is None:
            return []
        return encode_response(answer, exchange.header.api_version, exchange.header.correlation_id)

    def answer_crash(self, exchange: Exchange) -> Outcome:
        """Answer after a handler has failed: an error where the API's responses can say one, else close."""
        header = exchange.header
        _log.exception("%s version %s failed", ApiKey(header.api_key).name, header.api_version)
        from kafka_conformance.reference_broker.network.error_answers import error_answer

        answer = error_answer(exchange.request, header.api_version, ErrorCode.UNKNOWN_SERVER_ERROR)
        return Close("the handler failed") if answer is None else self.encode(exchange, answer)

    def _conclude(
        self, exchange: Exchange, future: asyncio.Future[Any], shape: Callable[[Any], Message | None] | None
    ) -> Outcome:
        try:
            result = future.result()
            return self.encode(exchange, result if shape is None else shape(result))
        except (CloseConnection, asyncio.CancelledError) as reason:
            return Close(str(reason))
        except Exception:  # noqa: BLE001  # as in `run`
            return self.answer_crash(exchange)

    def _handle_observed(self, exchange: Exchange, size: int) -> Outcome:
        broker, context = self._broker, exchange.context
        if broker.trace.recording:
            traced = TracedRequest(
                node_id=broker.node_id,
                connection_id=context.connection_id,
                client_host=context.client_host,
                header=exchange.header,
                request=exchange.request,
                size=size,
                arrived_ms=context.now_ms,
            )
            broker.trace.add(traced)
            exchange = exchange._replace(traced=traced)
        if not broker.faults.active:
            return self.run(exchange)
        from kafka_conformance.reference_broker.network.injection import inject  # with the first fault

        return inject(self, broker, exchange)
