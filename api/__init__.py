"""Composes the product: settings, store, viewer, web service and command line; imports all other packages."""
