"""The parts that pages, networks and reports are made of in HTML; imports visualizations.show and style."""
