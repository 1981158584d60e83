"""两个覆盖 of a unit: the facts it follows from, the state it is in, and units tallied by state. Knows rules, no question."""
