"""The group coordinator: groups of consumers, their rebalances and their offsets, kept in __consumer_offsets.

classic     the classic protocol: pure state machine
offsets     committed offsets: pure
shard       the state machine of one partition: groups and offsets together
runtime     carries out what they decide, on one partition
service     all partitions of a broker: what the API modules call
"""
