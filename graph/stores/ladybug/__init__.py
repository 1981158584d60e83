"""The embedded engine: a store is one file; the only importer of the `ladybug` driver, and of `graph.stores` alone."""
