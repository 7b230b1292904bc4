"""Kinds of entries about people, roles and sessions: their shapes."""

from collections.abc import Mapping

from domain.shapes import Shape

SHAPES: Mapping[tuple[str, int], Shape] = {}
