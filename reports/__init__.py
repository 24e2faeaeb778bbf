"""From result events to NDJSON, JUnit XML, HTML and the terminal."""
