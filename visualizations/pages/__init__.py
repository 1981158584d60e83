"""The pages of the web service: page.py for any answer, others for special pages; imports html, network and sheets."""
