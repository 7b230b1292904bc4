"""The words for every code, one table per language and kind; pure text, no Qt.

An entry is (title, reason, advice). `{name}` stands for a parameter, `{name|place|places}` for a counted noun
(two forms in English, three in Russian), and a part in square brackets is left out when one of its parameters
is missing or empty. See ui.messages.
"""

Words = tuple[str, str, str]
Table = dict[str, Words]
Values = dict[str, dict[str, str]]
