"""Lets a fault strike a request: around its handler, never inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.faults.faults import Fault, Struck
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Disconnect, Hold, Stage
from kafka_conformance.reference_broker.network.error_answers import error_answer
from kafka_conformance.reference_broker.network.outcome import Close, Outcome, Pending

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.network.dispatcher import Dispatcher, Exchange


def inject(dispatcher: Dispatcher, broker: Broker, exchange: Exchange) -> Outcome:
    """Serve a request as the fault that strikes it, if any, demands."""
    context = exchange.context
    fault = broker.faults.strike(
        Struck(
            broker.node_id,
            context.connection_id,
            context.client_id,
            exchange.request,
            broker.image.topic_names.get,
        )
    )
    if fault is None:
        return dispatcher.run(exchange)
    loop = broker.env.loop
    if fault.rule.action.stage is Stage.BEFORE:
        return _apply(fault, dispatcher, exchange, loop, lambda: dispatcher.run(exchange))
    return _after(
        dispatcher.run(exchange),
        lambda outcome: _apply(fault, dispatcher, exchange, loop, lambda: outcome),
    )


def _apply(
    fault: Fault,
    dispatcher: Dispatcher,
    exchange: Exchange,
    loop: asyncio.AbstractEventLoop,
    go_on: Callable[[], Outcome],
) -> Outcome:
    action = fault.rule.action
    if isinstance(action, AnswerError):
        answer = error_answer(exchange.request, exchange.header.api_version, action.error)
        if answer is None or getattr(exchange.request, "acks", None) == 0:
            return Close("a fault whose error cannot be answered")
        return dispatcher.encode(exchange, answer)
    if isinstance(action, Delay):
        elapsed: asyncio.Future[None] = loop.create_future()
        loop.call_later(action.delay_ms / 1000, _set, elapsed)
        return Pending(elapsed, lambda _: go_on())
    if isinstance(action, Hold):
        return Pending(fault.released(loop), lambda _: go_on())
    if isinstance(action, Disconnect):
        return Close("a fault")
    return Pending(loop.create_future(), lambda _: [])


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _after(outcome: Outcome, then: Callable[[Outcome], Outcome]) -> Outcome:
    if isinstance(outcome, Pending):
        return Pending(outcome.future, lambda future: _after(outcome.conclude(future), then))
    return then(outcome)
