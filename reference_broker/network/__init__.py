"""From bytes on a connection to answers: listener, connection, dispatch."""
