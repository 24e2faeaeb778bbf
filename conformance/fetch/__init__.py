"""Reading: what a fetch gives, fetch sessions, offsets by time and by leader epoch, and the deletion of records."""
