"""A recorded case, sent again byte for byte: to see the same finding, or that a target answers otherwise now.

What was recorded are frames, and frames are sent: no case runs, nothing is drawn. Two things cannot be as they were.
Ids that the target gave out (topic ids, member ids, producer ids, fetch sessions) are replaced by those that it gives
out now. And where the case asked again and again until something was true, its last question is asked until it is
answered as it was.
"""
