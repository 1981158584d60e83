"""The routes of the web service, a module for each part of it; imports api.web and visualizations."""
