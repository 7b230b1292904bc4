"""The clocks of one machine: a wall that may be wrong, a counter that drifts, and the boot it belongs to."""

from datetime import datetime

from domain.clock import from_ms
from tests.simulation.tasks import Scheduler


class SimClock:
    """domain.clock.Clock. `skew_ms` is what the wall is wrong by; `drift_ppm` how fast both run away."""

    def __init__(self, world: Scheduler, *, skew_ms: int = 0, drift_ppm: int = 0, name: str = "") -> None:
        self._world = world
        self._began_ms = world.now_ms
        self._boots = 0
        self._name = name
        self.skew_ms = skew_ms
        self.drift_ppm = drift_ppm
        self._mono_at = world.now_ms

    def now(self) -> datetime:
        passed = self._world.now_ms - self._began_ms
        return from_ms(self._world.now_ms + self.skew_ms + passed * self.drift_ppm // 1_000_000)

    def monotonic_ms(self) -> int:
        passed = self._world.now_ms - self._mono_at
        return 1_000 + passed + passed * self.drift_ppm // 1_000_000

    def boot_id(self) -> str:
        return f"{self._name}-{self._boots}"

    def reboot(self) -> None:
        """The machine starts again: its counter begins anew."""
        self._boots += 1
        self._mono_at = self._world.now_ms
