"""The settings of the transaction coordinator, by Kafka's names with underscores, and their defaults.

Source: TransactionStateManagerConfig, TransactionLogConfig
"""

from __future__ import annotations

from typing import NamedTuple


class TransactionSettings(NamedTuple):
    """Immutable; times in milliseconds."""

    transaction_max_timeout_ms: int = 900_000
    transaction_abort_timed_out_transaction_cleanup_interval_ms: int = 10_000
    transactional_id_expiration_ms: int = 604_800_000
    transaction_remove_expired_transaction_cleanup_interval_ms: int = 3_600_000
    transaction_state_log_num_partitions: int = 50
