"""Generated JSON records and selectors that often, but not always, fit each other."""

import json
from typing import Any

from hypothesis import strategies as st

from relay.patterns import Index, Name, Selector, Step, Wildcard

# Few names, so that selectors hit; some that msgspec or an identifier would not take.
NAMES = (
    "a",
    "b",
    "c",
    "eventID",
    "eventTime",
    "with space",
    'a"b',
    "a\\b",
    "é",
    "\x07",
    "\ud800",
)
_text = st.text(st.characters(), max_size=4)  # lone surrogates included
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**90)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _text
)


def _containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(children, max_size=3) | _objects(children)


def _objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(NAMES), children, max_size=4)


values = st.recursive(_scalars, _containers, max_leaves=12)
records = _objects(values)


@st.composite
def record_texts(draw: st.DrawFn) -> str:
    """Draw the JSON text of a record, compact or spaced, escaped or not."""
    record = draw(records)
    text = json.dumps(
        record,
        ensure_ascii=True,
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")])),
    )
    return text.replace("0.5", draw(st.sampled_from(["0.5", "1e309"])))


_names = st.sampled_from([Name(name) for name in NAMES])
_tails: st.SearchStrategy[list[Step]] = st.one_of(
    st.just([]),
    st.builds(lambda index: [Index(index)], st.integers(0, 2)),
    st.just([Wildcard()]),
    st.builds(lambda index, name: [Index(index), name], st.integers(0, 2), _names),
    st.builds(lambda name: [Wildcard(), name], _names),
)


@st.composite
def selectors(draw: st.DrawFn) -> Selector:
    """Draw a selector that starts with names, as nearly all do."""
    names = draw(st.lists(_names, min_size=1, max_size=3))
    return Selector((*names, *draw(_tails)), text="generated")
