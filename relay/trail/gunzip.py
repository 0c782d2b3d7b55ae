"""Gunzip that cannot be made to fill the memory.

CloudTrail's objects carry ``Content-Encoding: gzip``, which some HTTP clients undo on
their own; so the magic bytes decide whether there is anything to undo, not the name.
"""

from typing import Final

from isal import igzip_lib

from relay.errors import Reason, RejectedError

IsalError: type[Exception] = igzip_lib.error  # type: ignore[assignment]  # its stub
_MAGIC: Final = b"\x1f\x8b"
_STEP_BYTES: Final = 64 * 1024
"""Input handed over at a time once a file turns out to have several members."""
_MAX_RATIO: Final = 1_032
"""Bytes that deflate makes of one at most (zlib Technical Details)."""
_MAX_MEMBERS: Final = 65_536
"""As many as block gzip makes of 4 GiB; more is an attack on our time."""


def decompress(body: bytes, *, max_bytes: int) -> bytes:
    """Return what ``body`` holds: gunzipped when it is gzip, else as it is.

    A gzip file may have several members, and zero padding behind the last. Of one that
    holds more than ``max_bytes``, no more than these (and one byte, which tells that
    there is more) are ever in memory, beside a copy of ``body``. Raises RejectedError:
    DECOMPRESSED_TOO_LARGE, CORRUPT_GZIP or TRUNCATED.
    """
    if not body.startswith(_MAGIC):
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        return body
    # The usual case: one member, whose output is not copied again.
    claimed = min(size_hint(body), _MAX_RATIO * len(body))
    output, unused = _gunzip_member(
        memoryview(body), max_bytes, step=len(body), first=claimed + 1
    )
    if not unused:
        return output
    outputs, size = [output], len(output)
    position = len(body) - unused
    for _ in range(_MAX_MEMBERS):
        rest = _next_member(body, position)
        if rest is None:
            return b"".join(outputs)
        output, unused = _gunzip_member(
            rest, max_bytes - size, step=_STEP_BYTES, first=max_bytes + 1
        )
        size += len(output)
        outputs.append(output)
        position = len(body) - unused
    raise RejectedError(
        f"gzip with more than {_MAX_MEMBERS} members", reason=Reason.CORRUPT_GZIP
    )


def size_hint(body: bytes) -> int:
    """Return the decompressed size that a gzip file claims, modulo 2**32; untrusted.

    The size of ``body`` itself when it is not gzip.
    """
    if not body.startswith(_MAGIC):
        return len(body)
    return int.from_bytes(body[-4:], "little")


def _gunzip_member(
    data: memoryview, max_bytes: int, *, step: int, first: int
) -> tuple[bytes, int]:
    """Return the output of the member that ``data`` begins with, and what is left over.

    The latter is the number of bytes of ``data`` behind the member. ``step`` bytes of
    input are handed over at a time. No more than ``first`` bytes of output are asked
    for at first: when that is just enough, the output is never moved to a larger place.
    """
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    outputs: list[bytes] = []
    room = max_bytes + 1
    position = 0
    while not member.eof and room > 0:
        piece = data[position : position + step]
        if not piece and member.needs_input:
            break
        try:
            output = member.decompress(piece, room if outputs else min(first, room))
        except IsalError as exc:
            raise RejectedError(
                f"corrupt gzip: {exc}", reason=Reason.CORRUPT_GZIP
            ) from exc
        outputs.append(output)
        room -= len(output)
        position += step
    if room <= 0:
        raise _too_large(max_bytes)
    if not member.eof:
        raise RejectedError(
            f"gzip ends in the middle, after {len(data)} bytes", reason=Reason.TRUNCATED
        )
    unused = len(member.unused_data) + max(len(data) - position, 0)
    return (outputs[0] if len(outputs) == 1 else b"".join(outputs)), unused


def _next_member(body: bytes, position: int) -> memoryview | None:
    """Return ``body`` from its next member on; None when only padding is left."""
    rest = memoryview(body)[position:]
    if body.startswith(_MAGIC, position):
        return rest
    if not bytes(rest).strip(b"\0"):
        return None
    raise RejectedError(
        f"corrupt gzip: {len(rest)} bytes that are no gzip follow it",
        reason=Reason.CORRUPT_GZIP,
    )


def _too_large(max_bytes: int) -> RejectedError:
    return RejectedError(
        f"more than {max_bytes} bytes when decompressed",
        reason=Reason.DECOMPRESSED_TOO_LARGE,
    )
