"""What every use case asks first: who is it, and may they."""

from domain.actor import Actor, Permission
from domain.errors import Refusal


def require(actor: Actor, permission: Permission) -> None:
    """Raises Refusal NOT_SIGNED_IN or NOT_ALLOWED (with the permission that is missing)."""
    if actor.user is None:
        raise Refusal("NOT_SIGNED_IN")
    if not actor.may(permission):
        raise Refusal("NOT_ALLOWED", permission=permission.value)
