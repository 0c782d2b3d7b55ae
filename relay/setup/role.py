"""The role that the daemon runs as, with the least that its configuration needs."""

import json
from collections.abc import Mapping
from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.resource import Existing, Kind, Settings, Title
from relay.setup.tags import owner_by_list, tag_list

_INLINE = "relay"


class Role:
    """A role that a service such as EC2 may hand out, and its one inline policy.

    ``permissions`` is that policy. A role of somebody else's is given it as well: it is
    a policy of our own, under a name of its own.
    """

    essential = frozenset({"permissions"})

    def __init__(
        self,
        iam: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
        *,
        name: str,
        service: str,
        permissions: Mapping[str, object],
    ) -> None:
        self._iam = iam
        self._plan = plan
        self._service = service
        self._permissions = permissions
        self.title = Title(kind=Kind.ROLE, name=name, is_named=Kind.ROLE in plan.named)

    def desired(self) -> Settings:
        """Who may have the role, and what it may do."""
        return {
            "trust": trust_policy(self._service),
            "permissions": dict(self._permissions),
        }

    async def read(self) -> Existing | None:
        """Return its two policies."""
        it = {"RoleName": self.title.name}
        what = f"read {self.title}"
        role = await found(what, self._iam.get_role(**it))
        if role is None:
            return None
        settings: dict[str, object] = {
            "trust": _document(role["Role"]["AssumeRolePolicyDocument"])
        }
        inline = await found(
            what, self._iam.get_role_policy(**it, PolicyName=self._policy_name())
        )
        if inline is not None:
            settings["permissions"] = _document(inline["PolicyDocument"])
        return Existing(
            settings=settings,
            owner=owner_by_list(role["Role"].get("Tags", []), self._plan.setup),
        )

    async def create(self) -> None:
        """Make it, tags and all, then give it its policy."""
        await done(
            f"make {self.title}",
            self._iam.create_role(
                RoleName=self.title.name,
                AssumeRolePolicyDocument=json.dumps(trust_policy(self._service)),
                Description="Runs cloudtrail-relay",
                Tags=tag_list(self._plan.setup),
            ),
        )
        await self.update({"permissions": self._permissions})

    async def update(self, changed: Settings) -> None:
        """Write the policies that have changed."""
        it = {"RoleName": self.title.name}
        what = f"change {self.title}"
        if "trust" in changed:
            await done(
                what,
                self._iam.update_assume_role_policy(
                    **it, PolicyDocument=json.dumps(trust_policy(self._service))
                ),
            )
        if "permissions" in changed:
            await done(
                what,
                self._iam.put_role_policy(
                    **it,
                    PolicyName=self._policy_name(),
                    PolicyDocument=json.dumps(self._permissions),
                ),
            )

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - holds none
        """Remove it with its inline policy."""
        it = {"RoleName": self.title.name}
        what = f"delete {self.title}"
        await found(
            what, self._iam.delete_role_policy(**it, PolicyName=self._policy_name())
        )
        await done(what, self._iam.delete_role(**it))
        return None

    def _policy_name(self) -> str:
        return f"{self._plan.setup}-{_INLINE}"


def trust_policy(service: str) -> dict[str, object]:
    """Return the policy that lets ``service`` hand the role out."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def _document(policy: object) -> object:
    """Return a policy that the SDK may have parsed already."""
    return json.loads(policy) if isinstance(policy, str) else policy
