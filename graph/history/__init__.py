"""Revisions: commits them, measures the problems in each, compares two. Imports rules and coverage, no question."""
