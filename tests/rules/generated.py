"""Generated patterns and events over few fields and few values, so that both occur."""

import json

from hypothesis import strategies as st

from relay.model import Record
from relay.trail.projection import Projection

_FIELDS = (
    "$.eventName",
    "$.eventSource",
    "$.errorCode",
    "$.userIdentity.type",
    "$.x",
    "$.userIdentity.arn",
    "$.tags[0]",
)
_VALUES = ("A", "B", '"A"', "A*", "*", "1", "1.0", '"1"', "%^A%")
_comparisons = st.builds(
    "({} {} {})".format,
    st.sampled_from(_FIELDS),
    st.sampled_from(["=", "=", "!="]),
    st.sampled_from(_VALUES),
)
_predicates = st.builds(
    "({} {})".format,
    st.sampled_from(_FIELDS),
    st.sampled_from(["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS", "> 0", "<= 1"]),
)
_extensions = st.builds(
    "({} {})".format,
    st.sampled_from(_FIELDS),
    st.sampled_from(
        ["EXISTS", "IN [A, B*, 1]", "NOT IN [A, @names]", "IN @names", '~= "a*"']
    ),
)
NAMES = {"names": ("B", "AB", "10.0.0.0/8")}
"""The named lists that patterns refer to."""


def _joined(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda operator, operands: "(" + operator.join(operands) + ")",
        st.sampled_from([" && ", " || "]),
        st.lists(children, min_size=2, max_size=3),
    )


def _count_regexes(condition: str) -> int:
    return condition.count("%^A%")


pattern_texts = (
    st.recursive(_comparisons | _predicates | _extensions, _joined, max_leaves=8)
    .filter(lambda condition: _count_regexes(condition) <= 2)
    .map("{{ {} }}".format)
)

_texts = ["A", "B", "AB", "b", "10.1.2.3", "1", ""]
_values = st.sampled_from(
    [*_texts, 1, 1.0, 0, 2, True, False, None, [], ["A"], {"a": 1}]
)
_odd = st.sampled_from(["A" * 300, float("inf"), "\ud800"])
_identities = st.fixed_dictionaries({}, optional={"type": _values, "arn": _values})
event_texts = st.fixed_dictionaries(
    {},
    optional={
        "eventName": _values | _odd,
        "eventSource": _values,
        "errorCode": _values,
        "userIdentity": _identities | _values,
        "x": _values | _odd,
        "tags": st.lists(_values, max_size=2) | _values,
    },
).map(lambda event: json.dumps(event).replace("Infinity", "1e309")) | st.sampled_from(
    ["[]", "1", "null", '"A"', '{"eventName": NaN}']
)


def record_of(projection: Projection, text: str) -> Record:
    """Return the record of ``text``, which ``projection`` can decode."""
    return unread(text, fields=projection.decode(text.encode()))


def unread(text: str, *, fields: object = None) -> Record:
    """Return a record whose text nothing could read, unless it has ``fields``."""
    return Record(text.encode(), len(text.encode()), None, None, fields)
