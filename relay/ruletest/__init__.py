"""``relay test``: what rules make of made-up events, on a simulated clock."""
