"""The client libraries that are driven out of the box, and our own raw client behind the same verbs."""
