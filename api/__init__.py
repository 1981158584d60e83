"""Composes the product: settings, the store, who asks, the web service and the command line."""
