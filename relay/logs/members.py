"""Make a JSON object smaller by replacing its largest members; pure.

A member that stays is the very text that it was: nothing is decoded but the names on
the way to what is replaced. That bounds time and memory, whatever the object: it is
taken apart at most ``MAX_DEPTH`` deep, and no part into more than ``MAX_PARTS``.
"""

import heapq
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, get_args

import msgspec

from relay.model import RecordText

Kept = Mapping[str, "Kept | None"]
"""The members that must stay: None for one that stays whole, else those within it."""

MAX_PARTS: Final = 2**18
"""Members that one object is taken apart into; they take up some 100 MB at most."""
MAX_DEPTH: Final = 8
"""Each level is another look at all that lies below it."""
MAX_OMITTED: Final = 32
"""Members that are replaced; what needs more is not made of large ones."""
MAX_PATH_LENGTH: Final = 200
LEAST_BYTES: Final = 512
"""A smaller member is hardly worth what would stand in its place."""

_CHUNK_BYTES: Final = 2**20
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def kept_by(fields_type: type) -> Kept | None:
    """Return what decoding to ``fields_type``, a projection's, reads; None for all."""
    if not issubclass(fields_type, msgspec.Struct):
        return None
    return {
        field.encode_name: next(map(kept_by, _structs_in(field.type)), None)
        for field in msgspec.structs.fields(fields_type)
    }


def shrink_object(
    text: RecordText, kept: Kept, *, most_bytes: int
) -> tuple[dict[str, msgspec.Raw], list[str]] | None:
    """Replace the largest members of ``text`` until it has at most ``most_bytes``.

    Where one member takes up most of another, that one alone is replaced. Returns the
    object's members, and the selectors of what was replaced, the largest first; None
    when all that may go is not enough or too small to be replaced one by one, or when
    ``text`` is not one JSON object.
    """
    root = _Value("$", text, kept=kept, depth=0)
    candidates = root.take_apart(is_asked=True)
    if candidates is None or not isinstance(root.members, dict):
        return None
    size_bytes = root.size_bytes
    heapq.heapify(candidates)
    omitted: list[str] = []
    while size_bytes > most_bytes:
        if not candidates or len(omitted) == MAX_OMITTED:
            return None
        value = heapq.heappop(candidates)
        larger = value.take_apart(is_asked=bool(value.kept))
        if larger is not None:
            for each in larger:
                heapq.heappush(candidates, each)
        elif not value.kept:
            size_bytes -= value.omit()
            omitted.append(value.path)
    root.put_together()
    return root.members, omitted


class _Value:
    """A JSON value at a path: as it was, taken apart, or replaced.

    Of one that is taken apart only the large members are values themselves; all others
    remain texts, since there may be very many of them.
    """

    __slots__ = ("depth", "kept", "large", "members", "path", "size_bytes", "text")

    def __init__(self, path: str, text: RecordText, *, kept: Kept, depth: int) -> None:
        self.path = path
        self.text = text
        self.kept = kept
        self.depth = depth
        self.size_bytes = memoryview(text).nbytes
        self.members: dict[str, msgspec.Raw] | list[msgspec.Raw] | None = None
        self.large: list[tuple[str | int, _Value]] = []

    def __lt__(self, other: "_Value") -> bool:
        """Come first when larger: a heap's first is its least."""
        return self.size_bytes > other.size_bytes

    def take_apart(self, *, is_asked: bool) -> "list[_Value] | None":
        """Return the members that may be replaced, or of which something may be.

        None, with nothing done, when the value is to stay in one piece: unless the
        opposite is asked for, that is so when no member is most of it.
        """
        members = self._split()
        if not members:
            return None
        named: list[tuple[str | int, msgspec.Raw]] = [
            *(members.items() if isinstance(members, dict) else enumerate(members))
        ]
        sizes = [memoryview(text).nbytes for _, text in named]
        if not is_asked and 2 * max(sizes) <= self.size_bytes:
            return None
        self.members = members
        for (name, text), size_bytes in zip(named, sizes, strict=True):
            kept = self.kept.get(name, {}) if isinstance(name, str) else {}
            if size_bytes >= LEAST_BYTES and kept is not None:
                path = _lengthened(self.path, name)
                value = _Value(path, text, kept=kept, depth=self.depth + 1)
                self.large.append((name, value))
        return [value for _, value in self.large]

    def omit(self) -> int:
        """Become a small object that says what was here; return the bytes saved."""
        was = {"bytes": self.size_bytes, "sha256": sha256(self.text).hexdigest()}
        self.text = msgspec.json.encode({"relayOmitted": was})
        return self.size_bytes - len(self.text)

    def put_together(self) -> RecordText:
        """Return the value's JSON as it is now."""
        if self.members is None:
            return self.text
        for name, value in self.large:
            text = value.put_together()
            # The name is a key of an object, or the index of a list: as it was found.
            self.members[name] = msgspec.Raw(text)  # type: ignore[index]
        return msgspec.json.encode(self.members)

    def _split(self) -> dict[str, msgspec.Raw] | list[msgspec.Raw] | None:
        opening = bytes(memoryview(self.text)[:64]).lstrip(b" \t\r\n")[:1]
        if opening != b"{":
            self.kept = {}  # no rule finds anything below a list or a scalar
        if self.depth == MAX_DEPTH or opening not in {b"{", b"["}:
            return None
        if not _has_few_parts(self.text):
            return None
        try:
            return (_decode_object if opening == b"{" else _decode_list)(self.text)
        except _UNREADABLE:
            return None


def _lengthened(path: str, name: str | int) -> str:
    """Return the selector of a member; it is cut off where it gets too long."""
    if isinstance(name, int):
        step = f"[{name}]"
    else:
        step = f".{name}" if _PLAIN_NAME.fullmatch(name) else f".['{name}']"
    longer = path + step
    return longer if len(longer) <= MAX_PATH_LENGTH else longer[:MAX_PATH_LENGTH] + "…"


def _has_few_parts(text: RecordText) -> bool:
    """Tell whether no more than ``MAX_PARTS`` can be in ``text``, by its commas."""
    view, commas = memoryview(text), 0
    for start in range(0, view.nbytes, _CHUNK_BYTES):
        commas += bytes(view[start : start + _CHUNK_BYTES]).count(b",")
        if commas >= MAX_PARTS:
            return False
    return True


def _structs_in(member_type: object) -> list[type]:
    return [
        each
        for each in get_args(member_type)
        if isinstance(each, type) and issubclass(each, msgspec.Struct)
    ]
