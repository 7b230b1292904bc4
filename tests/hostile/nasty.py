"""Names as an enemy, a prankster or a clumsy import would write them."""

NASTY = {
    "markup": '<b>Otto</b> <img src="file:///etc/passwd"> &amp; <script>x</script>',
    "formula": '=HYPERLINK("http://evil.example","click")',
    "plus": "+49 Otto",
    "drawer": "Otto\x1bp\x00\x19\xfaBerg",
    "lines": "Otto\r\nTotal 0.00\r\n",
    "bidi": "Otto \u202egreB\u202c \u2066x\u2069 \u200fy",
    "long": "O" * 10_000,
    "long words": "Otto " * 2_000,
    "emoji": "Otto 👩‍👩‍👧‍👦 🏳️‍🌈 🎭",
    "combining": "O" + "\u0301" * 300 + "tto",
    "nothing": "\u200b\u200d\u2060",
    "surrogate": "Otto \ud800",
    "private": "Otto \ue000\uf8ff",
    "cyrillic": "Отто «Берг» №1",
    "quotes": "Otto '\" ; DROP TABLE journal; --",
    "percent": "Otto %n %1 {name} {0.__class__} $HOME",
}
