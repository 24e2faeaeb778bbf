"""Files that Kafka leaves behind when it stops half-way through deleting or replacing segments.

NNN.log.deleted   was to be deleted after file.delete.delay.ms: it goes
NNN.log.cleaned   the result of a compaction that was not finished: it goes
NNN.log.swap      the result of a compaction that was: it takes the place of the segments that it covers

Source: LogLoader.load, LogLoader.removeTempFilesAndCollectSwapFiles
"""

from kafka_conformance.reference_broker.log.batch_scan import scan_positions
from kafka_conformance.reference_broker.storage import Storage

DELETED = ".deleted"
CLEANED = ".cleaned"
SWAP = ".swap"
TEMPORARY = ".tmp"
LOG_SWAP = ".log.swap"


def settle(storage: Storage, directory: str) -> None:
    """Finish or undo what was begun. Raises StorageError."""
    names = storage.files(directory)
    cleaned = [_base_offset(name) for name in names if name.endswith(CLEANED)]
    for name in names:
        unfinished = name.endswith(SWAP) and bool(cleaned) and _base_offset(name) >= min(cleaned)
        if unfinished or name.endswith((DELETED, CLEANED, TEMPORARY)):
            storage.remove(f"{directory}/{name}")
    _finish_swap(storage, directory)


def _finish_swap(storage: Storage, directory: str) -> None:
    names = storage.files(directory)
    ranges = [_covered(storage, directory, name) for name in names if name.endswith(LOG_SWAP)]
    if ranges:
        first, end = min(start for start, _ in ranges), max(stop for _, stop in ranges)
        for name in names:
            if not name.endswith(SWAP) and name[:20].isdigit() and first <= _base_offset(name) < end:
                storage.remove(f"{directory}/{name}")
    for name in names:
        if name.endswith(SWAP):
            storage.rename(f"{directory}/{name}", f"{directory}/{name.removesuffix(SWAP)}")


def _covered(storage: Storage, directory: str, name: str) -> tuple[int, int]:
    """The offsets from the base offset of a segment to behind its last batch."""
    base_offset = end = _base_offset(name)
    for batch in scan_positions(storage.open(f"{directory}/{name}"), 0):
        end = batch.last_offset + 1
    return base_offset, end


def _base_offset(name: str) -> int:
    return int(name.partition(".")[0])
