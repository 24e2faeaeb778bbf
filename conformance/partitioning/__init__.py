"""Which partition a record goes to, as client libraries decide it, and what follows for its order."""
