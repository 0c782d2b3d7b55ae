"""Generated conditions and events over few fields and few values."""

from hypothesis import strategies as st

from tests.patterns.reference import Among, Ask, Compare, Condition, Fold, Join, Path

# Few keys and few values, so that conditions and events often meet.
KEYS = st.sampled_from(["a", "b", "c d"])
ADDRESSES = ["10.1.2.3", "::ffff:10.1.2.3", "172.16.0.1", "2001:db8::1", "10.1.2"]
LEAVES = st.sampled_from(
    [
        *[None, True, False, 0, 1, 1.0, 1.5, -1, 12, 10**20],
        *["", "1", "1.0", "x", "xy", "12", "X", "Xy", *ADDRESSES],
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)
EVENTS = st.dictionaries(KEYS, VALUES, max_size=3)


@st.composite
def paths(draw: st.DrawFn, *, may_have_wildcard: bool = True) -> Path:
    """Draw a path of one to three steps with at most one wildcard."""
    steps: list[tuple[str, object]] = [("name", draw(KEYS))]
    steps += draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("name"), KEYS),
                st.tuples(st.just("index"), st.integers(0, 2)),
            ),
            max_size=2,
        )
    )
    if may_have_wildcard and draw(st.booleans()):
        steps[draw(st.integers(0, len(steps) - 1))] = ("wildcard", "*")
    return Path(tuple(steps))


def conditions_over(path: st.SearchStrategy[Path]) -> st.SearchStrategy[Condition]:
    """Return single conditions of every shape on paths that ``path`` draws."""
    equality = st.sampled_from(["=", "!="])
    order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    texts = st.sampled_from(["1", "1.0", "x", "xy", "z", "-1"])
    numbers = st.sampled_from(["1", "1.0", "+1", "15e-1", "-1", "1e20", ".5"])
    globs = st.sampled_from(["*", "x*", "*y", "1*", "*1*", "1*2", "*.*"])
    regexes = st.sampled_from(["^x", "y$", "[0-9]", "1.", "^$"])
    return st.one_of(
        st.builds(Compare, path, equality, st.just("text"), texts),
        st.builds(Compare, path, order, st.just("number"), numbers),
        st.builds(Compare, path, equality, st.just("glob"), globs),
        st.builds(Compare, path, equality, st.just("regex"), regexes),
        st.builds(
            Ask,
            path,
            st.sampled_from(["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"]),
        ),
    )


def joins(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Return conditions joined by one operator."""
    operands = st.lists(inner, min_size=2, max_size=5).map(tuple)
    return st.builds(Join, st.sampled_from(["&&", "||"]), operands)


SINGLE = conditions_over(paths())
TREES = st.recursive(
    conditions_over(paths(may_have_wildcard=False)), joins, max_leaves=8
)


def extensions_over(path: st.SearchStrategy[Path]) -> st.SearchStrategy[Condition]:
    """Return single conditions of every shape that AWS refuses."""
    items = st.lists(
        st.sampled_from(
            [
                *[("text", text) for text in ("1", "x", "10.1.2.3", "10.0.0.0/8")],
                *[("number", number) for number in ("1", "1.5", "12")],
                *[("glob", glob) for glob in ("x*", "*1*", "*")],
                *[("network", text) for text in ("10.0.0.0/8", "10.1.2.3/32")],
                *[("network", text) for text in ("2001:db8::/32", "::/0")],
                *[("network", "0.0.0.0/1"), ("list", "@names")],
            ]
        ),
        min_size=1,
        max_size=4,
    ).map(tuple)
    folded = st.sampled_from(["x", "XY", "x*", "*Y", "12", "1.0", "10.*"])
    return st.one_of(
        st.builds(Among, path, items, st.booleans()),
        st.builds(Fold, path, folded),
        st.builds(Ask, path, st.just("EXISTS")),
    )


EXTENDED = extensions_over(paths())
EXTENDED_TREES = st.recursive(
    extensions_over(paths(may_have_wildcard=False))
    | conditions_over(paths(may_have_wildcard=False)),
    joins,
    max_leaves=8,
)
