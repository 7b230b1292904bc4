"""28 erased documents stay erased: whoever has heard of an erasure has no content of the document, neither
the hub nor a station, whatever was brought back or edited later."""

from typing import Any

from tests.simulation.invariants.picture import Picture


def check(picture: Picture, tell: Any) -> None:
    erased = {
        link.body["document"]: link.body["feed"]
        for link in picture.shown() if link.kind == "document_erased" and link.doc["v"] == 1
    }  # fmt: skip
    if not erased:
        return
    contents: set[str] = picture.hub["documents"]
    for document in erased:
        tell(28, document not in contents, f"the hub shows {document[:8]}, which was erased")
    for file in picture.living:
        here = {row[0] for row in file.rows("SELECT document FROM document WHERE length(content) > 0")}
        here |= {row[0] for row in file.rows("SELECT document FROM document_aside")}
        for document, feed in erased.items():
            if file.scope is None or feed in file.scope:
                tell(28, document not in here, f"{file.name} keeps {document[:8]}, which was erased")
