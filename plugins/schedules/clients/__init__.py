"""Clients that work at the same time on one loop, over the wire; each records what it does and sees."""
