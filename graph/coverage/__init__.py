"""两个覆盖 of units: their facts, their states, and counts by state. Imports rules and the ground, no question."""
