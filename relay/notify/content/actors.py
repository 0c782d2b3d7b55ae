"""Who did it, and with what: principals and user agents in words that people use."""

import re

from relay.model import Evidence
from relay.notify.plain import one_line

_MAX_AGENT_CHARS = 60
_KINDS = {
    "IAMUser": "user",
    "AssumedRole": "role",
    "Role": "role",
    "Root": "root user",
    "FederatedUser": "federated user",
    "SAMLUser": "SAML user",
    "WebIdentityUser": "web identity",
    "IdentityCenterUser": "Identity Center user",
    "Directory": "directory user",
    "AWSAccount": "account",
    "AWSService": "service",
    "Unknown": "unknown user",
}
"""Values of ``userIdentity.type`` (CloudTrail User Guide, "userIdentity element")."""

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]*.* Safari/"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("macOS", "Macintosh"),
    ("Android", "Android"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)


def principal_of(evidence: Evidence) -> str:
    """Return the principal as people say it: ``role Admin, session alice``."""
    kind, name = evidence.principal_type or "", evidence.principal or ""
    word = _KINDS.get(kind, kind)
    if kind == "Root":
        return word
    if kind == "AssumedRole" and "/" in name:
        role, _, session = name.partition("/")
        name = f"{role}, session {session}"
    return one_line(" ".join(filter(None, (word, name))))


def agent_of(user_agent: str) -> str:
    """Return the program's name and version, or the browser and its system."""
    text = one_line(user_agent, 1_024).strip("[]")
    if text.startswith("Mozilla/"):
        return _browser(text)
    # Behind the first product stand its libraries; some are a name without a version.
    first = text.partition(" ")[0].rstrip(",") if "/" in text else text
    return one_line(first, _MAX_AGENT_CHARS)


def _browser(text: str) -> str:
    system = next((name for name, sign in _SYSTEMS if sign in text), "")
    for name, pattern in _BROWSERS:
        found = re.search(pattern, text)
        if found:
            return f"{name} {found[1]} on {system}" if system else f"{name} {found[1]}"
    return one_line(text, _MAX_AGENT_CHARS)
