"""Conditions beyond a threshold: absent, new_value, cardinality and rate_change."""
