"""Values of records as numbers: what the conditions remember of them.

Eight bytes a value, whatever its length. That two of a million values share a number
has a chance of one in 37 million.
"""

from hashlib import blake2b

DIGEST_BYTES = 8


def digest(text: str) -> int:
    """Return the number of ``text``."""
    encoded = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(encoded, digest_size=DIGEST_BYTES).digest(), "big")
