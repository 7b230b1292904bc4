"""The orders screen: finding a sale again, and what became of its tickets."""
