"""The style sheet, generated from the tokens.

Widgets are reached by their class or by the dynamic properties `tone`, `size`, `surface` that
ui.widgets set; screens do not write style sheets of their own.
"""

from ui.style import tokens
from ui.style.tokens import Colors


def style_sheet(colors: Colors) -> str:
    """Everything for one theme."""
    parts = (_labels(colors), _surfaces(colors), _inputs(colors), _lists(colors), _menus(colors))
    return "\n".join(parts)


def _labels(c: Colors) -> str:
    tones = {
        "normal": c.text,
        "soft": c.text_soft,
        "muted": c.text_muted,
        "accent": c.on_accent_soft,
        "admit": c.admit.on_soft,
        "refuse": c.refuse.on_soft,
        "attention": c.attention.on_soft,
        "info": c.info.on_soft,
    }
    sizes = {"small": tokens.SMALL, "body": tokens.BODY, "title": tokens.TITLE, "display": tokens.DISPLAY}
    rules = [f"QLabel {{ background: transparent; color: {c.text}; }}"]
    rules += [f'QLabel[tone="{name}"] {{ color: {color}; }}' for name, color in tones.items()]
    rules += [f'QLabel[size="{name}"] {{ font-size: {size}px; }}' for name, size in sizes.items()]
    rules.append(f"QLabel:disabled {{ color: {c.disabled}; }}")
    return "\n".join(rules)


def _surfaces(c: Colors) -> str:
    return f"""
QMainWindow, QDialog {{ background: {c.canvas}; }}
QWidget[surface="canvas"] {{ background: {c.canvas}; }}
QWidget[surface="page"] {{ background: {c.surface}; }}
QWidget[surface="sunken"] {{ background: {c.sunken}; border-radius: {tokens.RADIUS}px; }}
QWidget[surface="card"] {{
    background: {c.surface}; border: 1px solid {c.line}; border-radius: {tokens.RADIUS_LARGE}px;
}}
QWidget[surface="floating"] {{
    background: {c.surface}; border: 1px solid {c.line}; border-radius: {tokens.RADIUS_LARGE}px;
}}
QWidget[surface="rail"] {{ background: {c.surface}; border: 0; border-right: 1px solid {c.line}; }}
QWidget[surface="strip"] {{ background: {c.surface}; border: 0; border-bottom: 1px solid {c.line}; }}
QWidget[surface="side"] {{ background: {c.surface}; border: 0; border-left: 1px solid {c.line}; }}
QFrame[surface="divider"] {{ background: {c.line}; border: 0; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget[surface="clear"] {{ background: transparent; }}
QSplitter::handle {{ background: {c.line}; }}
QToolTip {{
    background: {c.text}; color: {c.surface}; border: 0; padding: 4px 8px; font-size: {tokens.SMALL}px;
}}
"""


def _inputs(c: Colors) -> str:
    fields = "QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QDateEdit, QTimeEdit, QDateTimeEdit"
    focused = ", ".join(f"{name.strip()}:focus" for name in fields.split(","))
    disabled = ", ".join(f"{name.strip()}:disabled" for name in fields.split(","))
    return f"""
{fields} {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.line_strong};
    border-radius: {tokens.RADIUS}px; padding: 9px 12px; min-height: 24px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
    placeholder-text-color: {c.text_muted};
}}
{focused} {{ border: 2px solid {c.focus}; padding: 8px 11px; }}
{disabled} {{ background: {c.sunken}; color: {c.disabled}; border-color: {c.line}; }}
QLineEdit[bad="true"], QPlainTextEdit[bad="true"] {{
    border: 2px solid {c.refuse.on_soft}; padding: 8px 11px;
}}
QLineEdit[size="title"] {{ font-size: {tokens.TITLE}px; }}
QLineEdit[bare="true"] {{ border: 0; background: transparent; padding: 0; }}
QComboBox::drop-down {{ border: 0; width: 32px; }}
QComboBox::down-arrow {{ width: 0; height: 0; }}
QComboBox QAbstractItemView {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.line}; outline: 0; padding: 4px;
    selection-background-color: {c.accent_soft}; selection-color: {c.on_accent_soft};
}}
"""


def _lists(c: Colors) -> str:
    return f"""
QTableView, QListView, QTreeView {{
    background: {c.surface}; alternate-background-color: {c.surface}; color: {c.text};
    border: 0; outline: 0; gridline-color: {c.line};
    selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
QTableView::item, QListView::item {{ padding: 0 16px; border: 0; border-bottom: 1px solid {c.line}; }}
QTableView::item:selected, QListView::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QTableView::item:hover, QListView::item:hover {{ background: {c.hover}; }}
QHeaderView {{ background: {c.surface}; border: 0; }}
QHeaderView::section {{
    background: {c.surface}; color: {c.text_muted}; font-size: {tokens.SMALL}px; font-weight: 500;
    border: 0; border-bottom: 1px solid {c.line}; padding: 8px 16px;
}}
QTableCornerButton::section {{ background: {c.surface}; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle {{ background: {c.pressed}; border-radius: 4px; min-height: 40px; min-width: 40px; }}
QScrollBar::handle:hover {{ background: {c.line_strong}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: transparent; width: 0; height: 0; border: 0;
}}
QTextBrowser {{
    background: {c.surface}; color: {c.text}; border: 0; selection-background-color: {c.accent};
}}
"""


def _menus(c: Colors) -> str:
    return f"""
QMenu {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.line};
    border-radius: {tokens.RADIUS}px; padding: 8px;
}}
QMenu::item {{ padding: 10px 32px 10px 12px; border-radius: 6px; min-width: 160px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.text_muted}; }}
QMenu::icon {{ padding-left: 12px; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 8px 0; }}
QCheckBox, QRadioButton {{ spacing: 12px; min-height: {tokens.TOUCH}px; }}
QProgressBar {{ background: {c.sunken}; border: 0; border-radius: 4px; max-height: 8px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
"""
