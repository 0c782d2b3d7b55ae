"""From an object's bytes to records: keys, gunzip, split, projection. Pure code."""
