"""Tests of relay.logs."""
