"""The fields of signing in without a PIN here: a password, or a one-time code and a new password."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.signin.presenter import PersonTile, Step
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Panel
from ui.widgets.fields import TextField
from ui.widgets.labels import PlainLabel
from ui.widgets.states import BusyBar

LONGEST_LOGIN, LONGEST_CODE, LONGEST_PASSWORD = 40, 40, 128


class SignInForm(QWidget):
    """`password_given(login, password)`, `code_given(login, code, password, again)`, `back_wanted()`."""

    password_given = Signal(str, str)
    code_given = Signal(str, str, str, str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = Step.PASSWORD
        self._build_ui()
        for field in self.fields():
            field.entered.connect(self._next)
        self.go.clicked.connect(self._give)
        self.back.clicked.connect(self.back_wanted)

    def _build_ui(self) -> None:
        card = Panel("card", margin=3, gap=1.25)
        card.setFixedWidth(480)
        self.title = PlainLabel(size="title", weight=tokens.BOLD, wrap=True)
        self.hint = PlainLabel(tone="muted", wrap=True)
        self.login = TextField(self.tr("Login"))
        self.code = TextField(self.tr("One-time code"), placeholder="XXXX-XXXX-XXXX-XXXX")
        self.password = TextField(self.tr("Password"), secret=True)
        self.again = TextField(self.tr("New password once more"), secret=True)
        for field, most in zip(
            self.fields(), (LONGEST_LOGIN, LONGEST_CODE, LONGEST_PASSWORD, LONGEST_PASSWORD), strict=True
        ):
            field.edit.setMaxLength(most)
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.busy = BusyBar()
        self.go = Button(self.tr("Go on"), "primary", icon="arrow-right", key=self.tr("Enter"))
        self.back = Button(self.tr("Back"), "quiet", icon="arrow-left", key="Esc")
        for part in (self.title, self.hint, self.login, self.code):
            card.column.addWidget(part)
        secrets, acts = QHBoxLayout(), QHBoxLayout()
        for line in (secrets, acts):
            line.setSpacing(tokens.space(1.5))
            card.column.addLayout(line)
        for field in (self.password, self.again):
            secrets.addWidget(field, 1)
        acts.addWidget(self.back)
        acts.addWidget(self.go, 1)
        card.column.addWidget(self.busy)
        across = QHBoxLayout()  # no alignment: the words of the card take the height that their width needs
        across.addStretch(1)
        across.addWidget(card)
        across.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addLayout(across)
        column.addStretch(1)

    def fields(self) -> tuple[TextField, TextField, TextField, TextField]:
        """In the order of the keyboard."""
        return self.login, self.code, self.password, self.again

    def show_step(self, step: Step, person: PersonTile | None) -> None:
        """Show the fields of a step. What was typed stays while it is the same step; passwords never do."""
        with_code = step is Step.CODE
        if step is not self._step or person is None:
            for field in (self.login, self.code):
                field.set_text("")
        self._step = step
        self.clear_secrets()
        if person is not None:
            self.login.set_text(person.login)
        self.password.set_label(self.tr("New password") if with_code else self.tr("Password"))
        self.code.setVisible(with_code)
        self.again.setVisible(with_code)
        self.title.set_text(self._title(person))
        self.show_words("")
        empty = next(
            (field for field in self.fields() if not field.isHidden() and not field.text()), self.login
        )
        empty.edit.setFocus()

    def clear_secrets(self) -> None:
        """Forget the passwords typed."""
        for field in (self.password, self.again):
            field.set_text("")

    def show_words(self, words: str) -> None:
        """A refusal in place of the hint; empty for the hint."""
        self.hint.set_text(words or self._hint())
        self.hint.set_tone("refuse" if words else "muted")

    def set_open(self, *, to_type: bool) -> None:
        """Whether anything may be typed or sent."""
        for part in (*self.fields(), self.go):
            part.setEnabled(to_type)

    def _title(self, person: PersonTile | None) -> str:
        if self._step is Step.CODE:
            return self.tr("Sign in with a code")
        if person is not None and person.name:
            return self.tr("Password of {name}").replace("{name}", person.name)
        return self.tr("Sign in with your password")

    def _hint(self) -> str:
        if self._step is Step.CODE:
            return self.tr(
                "From an invitation or a reset. You choose a password, then a PIN for this station."
            )
        return self.tr("For the first time at this station. You choose a PIN for it next.")

    def _next(self) -> None:
        """Enter goes to the next field that is empty, and sends when none is."""
        for field in self.fields():
            if not field.isHidden() and not field.text():
                field.edit.setFocus()
                return
        self._give()

    def _give(self) -> None:
        # A password is taken as it was typed: spaces at its ends count.
        password = self.password.edit.text()
        if self._step is Step.CODE:
            self.code_given.emit(self.login.text(), self.code.text(), password, self.again.edit.text())
        else:
            self.password_given.emit(self.login.text(), password)
