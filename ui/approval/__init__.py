"""A supervisor agrees on the spot: who, what is asked, the PIN."""
