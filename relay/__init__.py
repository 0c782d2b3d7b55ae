"""Relay AWS CloudTrail to CloudWatch Logs, and raise alarms on the way."""

__version__ = "0.1.0"
