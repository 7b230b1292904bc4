"""Kinds of entries about order rights, values, refunds and payments after the sale: their shapes."""

from collections.abc import Mapping

from domain.shapes import Shape

SHAPES: Mapping[tuple[str, int], Shape] = {}
