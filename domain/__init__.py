"""The rules of the box office and the gate: pure Python, no I/O, no clock, no randomness of its own."""
