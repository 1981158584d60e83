"""The drawing of a subgraph: its layout, network.py for pages and files, and a picture as SVG; imports html."""
