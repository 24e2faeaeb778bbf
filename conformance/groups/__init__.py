"""Classic groups: joining, rebalances, sessions, static members, and what is shown of them."""
