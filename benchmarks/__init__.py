"""How fast the reference broker and the codec are, as ratios to others within one interleaved run.

    python -m benchmarks [--only codec,startup,throughput,simulation] [--rounds N] [--smoke] [--json FILE]

Absolute figures on a shared machine say little; every figure here is a ratio of medians of rounds that took turns.
"""
