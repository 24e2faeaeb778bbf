"""Fault schedules: concurrent clients on the reference broker in virtual time, faults, and what must hold afterwards.

A **schedule** is drawn from one number: which cluster, which clients, which faults at which moments. The same number
gives the same run, message for message. What the clients did and saw is a history, which the checkers judge; what the
replicas hold in the end is looked at, too.
"""
