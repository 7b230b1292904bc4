"""Kinds of entries about documents: their shapes.

Entries of other kinds name documents too (domain.documents.names); these are for documents that nothing else
speaks of, and for their end.
"""

from collections.abc import Mapping

from domain.shapes import HEX, TEXT, UUID, Shape, each

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("document_written", 1): {"documents": each({"document": UUID, "document_hash": HEX, "kind": TEXT})},
    ("document_erased", 1): {"document": UUID, "kind": TEXT, "feed": TEXT, "reason": TEXT},
}
