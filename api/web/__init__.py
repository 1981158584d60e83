"""The web service; imports api, not api.cli."""
