"""The technician's pages: sync and station, devices, settings."""
