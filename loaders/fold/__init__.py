"""The graph and the reviews that all live rows make together. Imports match and what is below it."""
