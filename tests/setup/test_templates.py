"""Tests of a setup as a template: valid for its tool, and the same as apply makes."""

import io
import json
from typing import Any

import pytest
import yaml

from relay.config.setup_schema import SetupFile
from relay.setup.blueprint import Blueprint, blueprint
from relay.setup.cloudformation import cloudformation
from relay.setup.grants import bucket_grants
from relay.setup.statements import document
from relay.setup.terraform import terraform

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f4a0f4a-0f4a-0f4a-0f4a-0f4a0f4a0f4a"
FULL: dict[str, Any] = {
    "bucket": {"prefix": "org", "expire_days": 400},
    "trail": {"organization": "o-abc123def4", "kms_key": KEY},
    "logs": {"retention_days": None, "kms_key": KEY},
    "role": {"service": "ecs-tasks.amazonaws.com"},
}
CASES = pytest.mark.parametrize("options", [{}, FULL], ids=["default", "full"])


def planned(options: dict[str, Any]) -> Blueprint:
    """Return the names of a setup in one account."""
    return blueprint(
        SetupFile.model_validate(options),
        account="123456789012",
        region="eu-west-1",
        partition="aws",
    )


@CASES
def test_cloudformation_is_valid(options: dict[str, Any]) -> None:
    """cfn-lint has nothing to say, warnings included."""
    cfnlint = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")
    text = cloudformation(planned(options))

    found = cfnlint.lint(text, config=cfnlint.ManualArgs(regions=["eu-west-1"]))

    assert [str(each) for each in found] == []


@CASES
def test_terraform_parses(options: dict[str, Any]) -> None:
    """An HCL parser reads it; no block is there twice."""
    hcl2 = pytest.importorskip("hcl2", reason="python-hcl2 is not installed")
    text = terraform(planned(options))

    blocks = hcl2.load(io.StringIO(text))["resource"]

    names = [(kind, name) for block in blocks for kind in block for name in block[kind]]
    assert len(names) == len(set(names)) >= 12


def test_cloudformation_says_what_apply_does() -> None:
    """The same statements, and data that outlives the stack."""
    plan = planned(FULL)
    resources = yaml.safe_load(cloudformation(plan))["Resources"]

    policy = resources["BucketPolicy"]["Properties"]["PolicyDocument"]
    assert policy["Statement"] == list(bucket_grants(plan))
    assert resources["Bucket"]["DeletionPolicy"] == "Retain"
    assert resources["Trail"]["DependsOn"] == ["BucketPolicy", "TopicPolicy"]
    assert resources["Queue"]["Properties"]["ReceiveMessageWaitTimeSeconds"] == 20


def test_terraform_says_what_apply_does() -> None:
    """The policies are the same documents, written as HCL takes them."""
    plan = planned(FULL)

    text = terraform(plan)

    assert f"policy = jsonencode({json.dumps(document(bucket_grants(plan)))})" in text
    assert text.count("prevent_destroy = true") == 2
    assert "visibility_timeout_seconds = 300" in text
    assert "${" not in text
