"""Histories: what clients did and saw, and which faults struck, as columns of numbers."""
