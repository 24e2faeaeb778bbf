"""Cases under pytest: a session's target, what each case said, the events that follow from it.

Imported only where a session has cases; a user's tests with the `kafka` fixture pay nothing for it.
"""
