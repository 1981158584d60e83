"""The command line; imports api, not api.web except to serve."""
