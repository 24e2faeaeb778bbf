"""Faults on command: declarative rules that strike requests, and handles to see how often they did."""
