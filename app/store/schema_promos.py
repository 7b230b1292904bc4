"""Promo codes, projected from the catalogue's entries."""

from app.store.schema_parts import int_column, table, text_column

PROMO = table("promo", int_column("number", key=True), int_column("event"), text_column("fields"))
