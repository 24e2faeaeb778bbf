"""How requests and answers of groups differed over the versions, and answers that come later.

Source: JoinGroupResponse, LeaveGroupRequest.normalizedData, LeaveGroupResponse, SyncGroupRequest
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsResponse
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest

if TYPE_CHECKING:
    from random import Random


class OfTopics(Protocol):
    """An answer about topics, each with its name and its partitions."""

    topics: list[Any]


R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T", bound=OfTopics)

NULLABLE_PROTOCOL_VERSION = 7
LEAVE_LIST_VERSION = 3
SYNC_PROTOCOL_VERSION = 5


def shaped(answer: R | Awaitable[R], shape: Callable[[R], S]) -> S | Awaitable[S]:
    """Shape an answer now, or as soon as it is there."""
    return _shaped_later(answer, shape) if isinstance(answer, Awaitable) else shape(answer)


async def _shaped_later(answer: Awaitable[R], shape: Callable[[R], S]) -> S:
    return shape(await answer)


def together(answers: Sequence[R | Awaitable[R]], merge: Callable[[list[R]], S]) -> S | Awaitable[S]:
    """Merge answers, now if all are there."""
    there = [answer for answer in answers if not isinstance(answer, Awaitable)]
    return merge(there) if len(there) == len(answers) else _together_later(answers, merge)


async def _together_later(answers: Sequence[R | Awaitable[R]], merge: Callable[[list[R]], S]) -> S:
    return merge([await answer if isinstance(answer, Awaitable) else answer for answer in answers])


def with_refused(refused: list[Any], response: T) -> T:
    """Put what was refused before the coordinator was asked in front of its answer, each topic once."""
    known = {topic.name: topic for topic in refused}
    for topic in response.topics:
        if topic.name in known:
            known[topic.name].partitions += topic.partitions
        else:
            refused.append(topic)
    response.topics = refused
    return response


def join_response(response: JoinGroupResponse, api_version: int) -> JoinGroupResponse:
    """From version 7 on no protocol is null, before that it is empty."""
    if api_version >= NULLABLE_PROTOCOL_VERSION:
        response.protocol_name = response.protocol_name or None
    else:
        response.protocol_name = response.protocol_name or ""
    return response


def lacks_protocol(request: SyncGroupRequest, api_version: int) -> bool:
    """From version 5 on a SyncGroup must say the protocol's type and name."""
    return api_version >= SYNC_PROTOCOL_VERSION and None in (request.protocol_type, request.protocol_name)


def leave_request(request: LeaveGroupRequest, api_version: int) -> LeaveGroupRequest:
    """The request with a list of members, as from version 3 on."""
    if api_version >= LEAVE_LIST_VERSION:
        return request
    return LeaveGroupRequest(group_id=request.group_id, members=[MemberIdentity(member_id=request.member_id)])


def leave_response(response: LeaveGroupResponse, api_version: int) -> LeaveGroupResponse:
    """Below version 3 there is one member, whose error is that of the answer."""
    if api_version >= LEAVE_LIST_VERSION or response.error_code:
        return response
    (member,) = response.members
    return LeaveGroupResponse(error_code=member.error_code)


def merged_deletions(responses: list[DeleteGroupsResponse]) -> DeleteGroupsResponse:
    """The results of several partitions in one answer."""
    return DeleteGroupsResponse(results=[result for response in responses for result in response.results])


def fetch_error(error: ErrorCode) -> ErrorCode:
    """Consumers older than 3.9 do not retry an OffsetFetch that is told COORDINATOR_NOT_AVAILABLE."""
    return ErrorCode.NOT_COORDINATOR if error is ErrorCode.COORDINATOR_NOT_AVAILABLE else error


def random_uuid(random: Random) -> str:
    """A random UUID (version 4) as text."""
    bits = random.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
