"""Brokers, and the cluster that they make."""
