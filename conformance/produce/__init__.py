"""Produce: appending, acknowledgements, validation, idempotence."""
