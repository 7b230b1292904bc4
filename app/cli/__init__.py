"""The command `gatehouse`: one verb per module function, JSON where facts are printed, exit codes 0 to 3."""
