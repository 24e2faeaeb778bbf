"""Where a cluster lives: in a thread, in a process, in a simulation."""
