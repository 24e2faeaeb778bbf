"""Faults on command: declarative rules that strike requests, and handles to see how often they did."""

from kafka_conformance.reference_broker.faults.faults import Fault, Faults
from kafka_conformance.reference_broker.faults.rules import (
    Action,
    AnswerError,
    Delay,
    Disconnect,
    Hold,
    NoAnswer,
    Rule,
    Stage,
)

__all__ = ["Action", "AnswerError", "Delay", "Disconnect", "Fault", "Faults", "Hold", "NoAnswer", "Rule", "Stage"]
