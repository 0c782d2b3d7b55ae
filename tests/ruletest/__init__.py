"""Tests of what ``relay test`` does."""
