"""Signing in: who is at the machine."""
