"""Look into a packed file (a workbook, a Word file) before anything unpacks it: data from strangers may unpack to far too much."""

from __future__ import annotations

import io
import zipfile

from compliance.source import Place, Problem, SourceError

MAX_BYTES = 256 * 1024 * 1024  # of what a file unpacks to
MAX_GROWTH = 100  # times that a file may grow when it is unpacked
_SMALL = 16 * 1024 * 1024  # whatever it was packed to, so much does no harm
_OLD = b"\xd0\xcf\x11\xe0"  # the first bytes of an old or an encrypted office file


def parts(data: bytes, place: Place, broken: str, encrypted: str) -> list[str]:
    """The names of the parts of a packed file.

    Raises ``SourceError``: with the code ``encrypted`` or ``broken`` where it cannot be opened, with ``document-bomb`` where it
    would unpack to far too much.
    """
    if data.startswith(_OLD):
        raise SourceError([Problem(place, encrypted, {})])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise SourceError([Problem(place, broken, {})]) from None
    whole = sum(part.file_size for part in listed)
    packed = sum(part.compress_size for part in listed)
    if whole > MAX_BYTES or whole > max(_SMALL, packed * MAX_GROWTH):
        raise SourceError([Problem(place, "document-bomb", {})])
    if any(part.flag_bits & 1 for part in listed):
        raise SourceError([Problem(place, encrypted, {})])
    return [part.filename for part in listed]
