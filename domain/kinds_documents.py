"""Kinds of entries about documents: their shapes."""

from collections.abc import Mapping

from domain.shapes import Shape

SHAPES: Mapping[tuple[str, int], Shape] = {}
