"""History of the station's encrypted file."""
