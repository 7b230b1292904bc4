"""Printed things: tickets, receipts and shift reports as PDF and as plain text."""
