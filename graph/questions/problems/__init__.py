"""The findings of the rules as lists, the deadlines ahead, the 暂缓 and the rules themselves. Imports no other topic."""
