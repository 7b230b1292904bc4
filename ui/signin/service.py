"""What the sign-in screen asks, answered by the use cases of this station. No Qt."""

from app.services.facade import Services
from app.services.views import Person
from domain.actor import Actor
from domain.errors import Refusal
from ui.signin.presenter import CodeGiven, Entered, PersonTile


class SignInService:
    """ui.signin.presenter.SignIn over the use cases."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def people(self) -> list[PersonTile]:
        """Everybody who has a PIN here, by name."""
        return [tile(person) for person in self._services.sign_in.people()]

    def sign_in(self, user_id: str, pin: str) -> Actor:
        """Refuses WRONG_PIN, LOCKED_OUT, PASSWORD_NEEDED."""
        return self._services.sign_in(user_id, pin)

    def with_password(self, login: str, password: str) -> Entered:
        """Refuses WRONG_PASSWORD, LOCKED_OUT, NO_PASSWORD_HERE, USER_DISABLED."""
        return self._entered(self._services.sign_in.with_password(login, password))

    def set_pin(self, entered: Entered, pin: str) -> None:
        """One's own PIN. Refuses PIN_UNFIT."""
        self._services.set_pin(entered.person.user_id, pin, entered.actor)

    def with_code(self, given: CodeGiven, pin: str) -> Entered:
        """Refuses CODE_WRONG, LOCKED_OUT, CODE_EXPIRED, CODE_USED, PASSWORD_UNFIT, PIN_UNFIT."""
        actor = self._services.people.accept(given.login, given.code, given.password, pin)
        return self._entered(actor)

    def _entered(self, actor: Actor) -> Entered:
        person = self._services.people.account.show(actor).person
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        return Entered(actor, tile(person), person.has_pin)


def tile(person: Person) -> PersonTile:
    """A person as the screens show them."""
    return PersonTile(person.user, person.login, person.name, tuple(person.roles))
