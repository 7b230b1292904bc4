"""The shift screen: opening with a float, the X report, closing with a count, the Z report."""
