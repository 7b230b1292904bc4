"""Kinds of entries about what the hub itself does: their shapes."""

from collections.abc import Mapping

from domain.shapes import Shape

SHAPES: Mapping[tuple[str, int], Shape] = {}
