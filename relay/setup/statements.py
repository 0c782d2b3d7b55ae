"""Policy documents: statements merged by Sid, nobody else's touched; pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

Statement = Mapping[str, Any]
Policy = Mapping[str, Any]

EMPTY: Policy = {"Version": "2012-10-17", "Statement": []}

_OLD_ACCOUNTS = frozenset(
    {
        "475085895292", "086441151436", "388731089494", "113285607260", "119688915426",
        "819402241893", "977081816279", "765225791966", "492519147666", "903692715234",
        "284668455005", "216624486486", "193415116832", "681348832753", "035351147821",
        "829690693026", "859597730677", "282025262664", "262312530599", "886388586500",
        "608710470296", "814480443879",
    }
)  # fmt: skip
"""The accounts that CloudTrail delivered as, one a region, before 2015.

CloudTrail User Guide of 2017, "CloudTrail supported regions".
"""


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a whole policy of these statements."""
    return {**EMPTY, "Statement": list(statements)}


def parse(text: str | None) -> Policy:
    """Return the policy that ``text`` is; an empty one for None."""
    if not text:
        return EMPTY
    policy: Policy = json.loads(text)
    return policy


def statements_of(policy: Policy) -> list[Statement]:
    """Return the statements of a policy; a single one may stand without a list."""
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def present(policy: Policy, ours: Sequence[Statement]) -> dict[str, object]:
    """Return by Sid what ``policy`` holds of the statements that we want.

    A statement of somebody else's that says the same as one of ours stands for it.
    """
    by_sid = {each.get("Sid"): each for each in statements_of(policy)}
    held: dict[str, object] = {}
    for wanted in ours:
        sid = str(wanted["Sid"])
        meanings = [meaning(each) for each in statements_of(policy)]
        if meaning(wanted) in meanings:
            held[sid] = meaning(wanted)
        elif sid in by_sid:
            held[sid] = meaning(by_sid[sid])
    return held


def merge(policy: Policy, changed: Sequence[Statement]) -> Policy:
    """Return ``policy`` with ``changed``, each in place of the one with its Sid.

    All other statements stay what and where they are.
    """
    by_sid = {each["Sid"]: each for each in changed}
    kept = [by_sid.pop(each.get("Sid"), each) for each in statements_of(policy)]
    return {**policy, "Statement": [*kept, *by_sid.values()]}


def without(policy: Policy, sids: Collection[str]) -> Policy:
    """Return ``policy`` without the statements that have these Sids."""
    kept = [each for each in statements_of(policy) if each.get("Sid") not in sids]
    return {**policy, "Statement": kept}


def meaning(statement: Statement) -> dict[str, object]:
    """Return what a statement says, whatever its Sid and the way it is written."""
    return {
        str(key): _ordered(value) for key, value in statement.items() if key != "Sid"
    }


def old_form(policy: Policy) -> list[str]:
    """Return the Sids of the statements that let CloudTrail in by its old accounts."""
    return [
        str(each.get("Sid", "(without a Sid)"))
        for each in statements_of(policy)
        if _OLD_ACCOUNTS & _accounts(each.get("Principal"))
    ]


def _accounts(principal: object) -> set[str]:
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else []
    listed = [named] if isinstance(named, str) else named
    return {part for each in listed for part in str(each).split(":")}


def _ordered(value: object) -> object:
    """Return ``value`` in one form: a list of one as its only text, others sorted."""
    if isinstance(value, Mapping):
        return {str(key): _ordered(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        texts = sorted(str(each) for each in value)
        return texts[0] if len(texts) == 1 else texts
    return value
