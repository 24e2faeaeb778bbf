"""Defects of frames, headers, versions and tagged fields."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import is_flexible, request_type
from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import MalformedError, ProtocolError, UnsupportedVersionError
from kafka_conformance.protocol.frames import RequestHeader, encode_response
from kafka_conformance.protocol.layout import Buffer, Message
from kafka_conformance.protocol.messages.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from kafka_conformance.reference_broker.apis.api_versions import ApiVersionsRules
from kafka_conformance.reference_broker.apis.registry import ServedApi
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.network.dispatcher import Dispatcher, Exchange
from kafka_conformance.reference_broker.network.frame_receiver import FrameReceiver
from kafka_conformance.reference_broker.network.outcome import Close, Outcome

_NO_ANSWER: list[Buffer] = []
"""Nothing is sent, and the connection stays open."""


@mutant("protocol/forgets-pieces", violates="protocol/frames/may-come-in-pieces")
class ForgetsPieces(FrameReceiver):
    """The bytes of a frame that did not come with the first ones are taken for a new frame."""

    @override
    def received(self, count: int) -> list[Buffer]:
        frames = super().received(count)
        self._head, self._body, self._view = b"", None, self._scratch
        return frames


@mutant("protocol/first-frame-only", violates="protocol/frames/may-come-together")
class FirstFrameOnly(FrameReceiver):
    """Of the requests that come in one piece the first is served."""

    @override
    def received(self, count: int) -> list[Buffer]:
        return super().received(count)[:1]


@mutant("protocol/skips-impossible-sizes", violates="protocol/frames/impossible-size-closes")
class SkipsImpossibleSizes(FrameReceiver):
    """A size that no frame can have is skipped, and the connection stays open."""

    @override
    def received(self, count: int) -> list[Buffer]:
        frames = super().received(count)
        self.error = None
        return frames


@mutant("protocol/any-size", violates="protocol/frames/oversize-closes")
class AnySize(FrameReceiver):
    """A frame may be as large as it likes."""

    @override
    def accepts_size(self, size: int) -> bool:
        return size > 0


@mutant("protocol/ignores-cut-headers", violates="protocol/frames/cut-header-closes")
class IgnoresCutHeaders(Dispatcher):
    """A header that ends too early is passed over in silence."""

    @override
    def refuse_header(self, error: ProtocolError) -> Outcome:
        return super().refuse_header(error) if isinstance(error, UnsupportedVersionError) else _NO_ANSWER


@mutant("protocol/completes-cut-bodies", violates="protocol/frames/cut-body-closes")
class CompletesCutBodies(Dispatcher):
    """What a body lacks is taken to be as by default."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        try:
            return super().decode(header, frame, position)
        except ProtocolError:
            return request_type(header.api_key)()


@mutant("protocol/minds-trailing-bytes", violates="protocol/frames/trailing-bytes-are-ignored")
class MindsTrailingBytes(Dispatcher):
    """Bytes behind a body close the connection."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        message, end = decode_message(request_type(header.api_key), header.api_version, frame, position)
        if end < len(frame):
            raise MalformedError("bytes behind the body", position=end)
        return message


@mutant("protocol/unsigned-correlation-ids", violates="protocol/headers/correlation-id-is-echoed")
class UnsignedCorrelationIds(Dispatcher):
    """A correlation id comes back without its sign bit."""

    @override
    def encode(self, exchange: Exchange, answer: Message | None) -> Outcome:
        header = exchange.header
        plain = header._replace(correlation_id=header.correlation_id & 0x7FFFFFFF)
        return super().encode(exchange._replace(header=plain), answer)


@mutant("protocol/wants-a-client-id", violates="protocol/headers/client-id-may-be-null")
class WantsAClientId(Dispatcher):
    """A request without a client id closes the connection."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        if not header.client_id:
            raise MalformedError("no client id", position=8)
        return super().decode(header, frame, position)


@mutant("protocol/minds-unknown-fields", violates="protocol/tagged-fields/unknown-in-body-are-ignored")
class MindsUnknownFields(Dispatcher):
    """A tagged field of a body that is not known closes the connection."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        message, end = decode_message(request_type(header.api_key), header.api_version, frame, position)
        if sum(map(len, encode_message(message, header.api_version))) < end - position:
            raise MalformedError("an unknown tagged field", position=end)
        return message


@mutant("protocol/minds-header-fields", violates="protocol/tagged-fields/unknown-in-header-are-ignored")
class MindsHeaderFields(Dispatcher):
    """A tagged field of a header closes the connection."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        tags = 10 + len((header.client_id or "").encode())
        if is_flexible(header.api_key, header.api_version) and frame[tags]:
            raise MalformedError("tagged fields in the header", position=tags)
        return super().decode(header, frame, position)


@mutant("protocol/backward-range", violates="protocol/api-versions/ranges-are-ranges")
class BackwardRange(ApiVersionsRules):
    """The range of Metadata is advertised with its ends swapped."""

    @override
    def advertised(self, ctx: Context) -> list[ApiVersion]:
        entries = super().advertised(ctx)
        for entry in entries:
            if entry.api_key == ApiKey.METADATA:
                entry.min_version, entry.max_version = entry.max_version, entry.min_version
        return entries


@mutant("protocol/advertises-by-version", violates="protocol/api-versions/may-be-repeated")
class AdvertisesByVersion(ApiVersionsRules):
    """An older ApiVersions advertises fewer versions of Fetch."""

    @override
    def advertised(self, ctx: Context) -> list[ApiVersion]:
        entries = super().advertised(ctx)
        for entry in entries:
            if entry.api_key == ApiKey.FETCH and ctx.api_version < 2:
                entry.max_version -= 1
        return entries


@mutant("protocol/refuses-in-latest-version", violates="protocol/api-versions/unknown-version")
class RefusesInLatestVersion(Dispatcher):
    """An unknown version of ApiVersions is answered in the latest one that is known."""

    @override
    def refuse_api_versions(self, header: RequestHeader) -> Outcome:
        known = self._apis[ApiKey.API_VERSIONS].versions
        entry = ApiVersion(api_key=ApiKey.API_VERSIONS, min_version=known.first, max_version=known.last)
        response = ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=[entry])
        return encode_response(response, known.last, header.correlation_id)


@mutant("protocol/any-software-name", violates="protocol/api-versions/client-software-is-checked")
class AnySoftwareName(ApiVersionsRules):
    """A client may call itself anything."""

    @override
    def is_valid_client(self, request: ApiVersionsRequest, version: int) -> bool:
        return True


@mutant("protocol/unsupported-stays-open", violates="protocol/versions/unsupported-closes")
class UnsupportedStaysOpen(Dispatcher):
    """A version that is not served is passed over in silence."""

    @override
    def refuse(self, header: RequestHeader) -> Outcome:
        outcome = super().refuse(header)
        return _NO_ANSWER if isinstance(outcome, Close) else outcome


@mutant("protocol/unknown-api-stays-open", violates="protocol/versions/unknown-api-closes")
class UnknownApiStaysOpen(Dispatcher):
    """An API that nobody knows is passed over in silence."""

    @override
    def refuse_header(self, error: ProtocolError) -> Outcome:
        return _NO_ANSWER if isinstance(error, UnsupportedVersionError) else super().refuse_header(error)


@mutant("protocol/skips-a-version", violates="protocol/versions/advertised-are-served")
class SkipsAVersion(Dispatcher):
    """A version of ListOffsets is advertised and not served."""

    @override
    def serves_version(self, api: ServedApi, version: int) -> bool:
        return super().serves_version(api, version) and (api.key, version) != (ApiKey.LIST_OFFSETS, 3)


@mutant("protocol/answers-older-version", violates="protocol/versions/advertised-are-served")
class AnswersOlderVersion(Dispatcher):
    """DescribeCluster is always answered in version 0."""

    @override
    def encode(self, exchange: Exchange, answer: Message | None) -> Outcome:
        header = exchange.header
        if header.api_key == ApiKey.DESCRIBE_CLUSTER:
            exchange = exchange._replace(header=header._replace(api_version=0))
        return super().encode(exchange, answer)


@mutant("protocol/closes-all", violates="protocol/isolation/malformed-bytes-harm-nobody-else")
class ClosesAll(Dispatcher):
    """A body that cannot be read closes all connections."""

    @override
    def decode(self, header: RequestHeader, frame: Buffer, position: int) -> Message:
        try:
            return super().decode(header, frame, position)
        except ProtocolError:
            for connection in list(self._broker.listener.connections.values()):
                connection.abort()
            raise


@mutant("protocol/waits-for-the-slow", violates="protocol/isolation/incomplete-frame-holds-up-nobody")
class WaitsForTheSlow(Dispatcher):
    """While a frame is incomplete nobody is served."""

    @override
    def accepts_next(self, in_progress: int) -> bool:
        connections = self._broker.listener.connections.values()
        return super().accepts_next(in_progress) and not any(each.held_bytes for each in connections)
