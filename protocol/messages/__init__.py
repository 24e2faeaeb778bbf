"""Layouts of all messages that a broker's clients exchange with it: one module for each API."""
