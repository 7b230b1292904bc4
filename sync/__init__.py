"""How stations and the hub exchange what happened: an engine without I/O, and the drivers around it."""
