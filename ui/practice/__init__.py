"""Practice: the mark on every screen, and the bench with what can be done only there."""
