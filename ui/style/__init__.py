"""One set of design tokens and what is generated from it: style sheet, palette, fonts, icons."""
