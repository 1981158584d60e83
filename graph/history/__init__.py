"""What each revision keeps of the problems found in it, and what differs between two; commit makes a revision."""
