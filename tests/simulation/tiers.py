"""The tiers of the simulation: the same world and the same seeds over the model of the hub or over its
SQL."""

import contextlib
from collections.abc import Callable

from tests.simulation.run import Outcome, run


def run_real(seed: int, **how: object) -> Outcome:
    """A seed with the SQL functions in a PostgreSQL."""
    from tests.simulation.hub_real import real

    return run(seed, real(), **how)  # type: ignore[arg-type]


TIERS: dict[str, Callable[..., Outcome]] = {"fast": run, "real": run_real}


def ready(tier: str) -> contextlib.AbstractContextManager[None]:
    """What a tier needs that many processes share: for the real one a server."""
    if tier == "fast":
        return contextlib.nullcontext()
    from tests.simulation import hub_database

    return hub_database.ready()
