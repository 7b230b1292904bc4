"""The pseudo-locale: accented English, 40 % longer, that shows what a translation does to a layout. No Qt."""

LANGUAGE = "pseudo"

_ACCENTS = str.maketrans("AaCcDdEeGgHhIiJjKkLlNnOoRrSsTtUuWwYyZz", "ÅåÇçĐđÉéĜĝĤĥÎîĴĵĶķĻļÑñÖöŔŕŠšŢţÛûŴŵÝýŽž")
_GROUP = 6


def pseudo(text: str) -> str:
    """The same, accented and longer; what stands in braces, `%n` and the key after a tab stay as they are."""
    made, inside = [], False
    for place, letter in enumerate(text):
        inside = letter == "{" or (inside and letter != "}")
        after_percent = place > 0 and text[place - 1] == "%"
        made.append(letter if inside or after_percent else letter.translate(_ACCENTS))
    head, tab, tail = "".join(made).partition("\t")
    longer = max(1, round(len(head) * 0.4))
    padding = " ".join("~" * min(_GROUP, longer - start) for start in range(0, longer, _GROUP))
    return f"{head} {padding}{tab}{tail}"
