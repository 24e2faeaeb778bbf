"""The transaction coordinator: a pure state machine of transactional ids, and the runtime of a partition of
__transaction_state."""
