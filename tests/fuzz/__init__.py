"""Mutated and random frames by the million, for the codec and for a running broker.

python -m tests.fuzz --frames 2000000 --seed 1
"""
