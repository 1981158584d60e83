"""From ledgers as offices keep them to rows, typed values and entities in the store."""
