"""Names and ids of the state file in few bytes: most of its size is these.

A log file's key has some 200 characters and an event id 36; each is kept twice, in the
table and in the index by time. So an object is known by the digest of its name, and of
ids in their usual form the 16 bytes are kept that they stand for.
"""

import re
from hashlib import blake2b

_DIGEST_BYTES = 16
"""128 bits: among a million million names two are the same with odds of 1 to 10^14."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MD5 = re.compile(r"[0-9a-f]{32}")


def object_digest(bucket: str, key: str) -> bytes:
    """Return what the object of this name is known by; a bucket's name has no NUL."""
    return _digest(f"{bucket}\0{key}")


def pack_event_id(event_id: str) -> bytes:
    """Return 16 bytes that stand for ``event_id``.

    CloudTrail's ids are UUIDs in small letters; of any other text, whatever its length
    and its characters, it is the digest.
    """
    if _UUID.fullmatch(event_id):
        return bytes.fromhex(event_id.replace("-", ""))
    return _digest(event_id)


def pack_etag(etag: str) -> bytes | str:
    """Return ``etag`` in 16 bytes when it is an MD5 in hexadecimal, else as it is."""
    return bytes.fromhex(etag) if _MD5.fullmatch(etag) else etag


def unpack_etag(packed: bytes | str) -> str:
    """Return the ``etag`` that was packed."""
    return packed.hex() if isinstance(packed, bytes) else packed


def _digest(text: str) -> bytes:
    # Lone surrogates, which JSON can hold, have no UTF-8 of their own.
    encoded = text.encode("utf-8", "surrogatepass")
    return blake2b(encoded, digest_size=_DIGEST_BYTES).digest()
