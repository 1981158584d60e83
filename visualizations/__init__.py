"""Renderings of an Answer: pages, networks, charts, reports, workbooks. Imports graph only, and never a store."""
