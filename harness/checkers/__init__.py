"""Checkers: each anomaly of a history is one query, which every engine runs; its rows are the witnesses."""
