"""Which metric filters a record matches, and which alarms read that. Pure code."""
