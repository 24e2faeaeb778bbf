"""The classes that a transaction coordinator is built from; a mutant hands in a subclass of one."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.reference_broker.transactions.adding import AddRules
from kafka_conformance.reference_broker.transactions.describing import DescribeRules
from kafka_conformance.reference_broker.transactions.ending import EndRules
from kafka_conformance.reference_broker.transactions.initialising import InitRules
from kafka_conformance.reference_broker.transactions.markers import MarkerSender
from kafka_conformance.reference_broker.transactions.shard import TransactionShard


class TransactionParts(NamedTuple):
    """Each decision that could be wrong is a method of one of these."""

    init_rules: type[InitRules] = InitRules
    add_rules: type[AddRules] = AddRules
    end_rules: type[EndRules] = EndRules
    describe_rules: type[DescribeRules] = DescribeRules
    marker_sender: type[MarkerSender] = MarkerSender
    shard: type[TransactionShard] = TransactionShard
