"""Keeps answers, query results and pages of a revision in memory; imports graph and api.viewer."""
