"""Building blocks of every screen, drawn from the design tokens."""
