"""A shared budget as adapters see it, which remembers what it was asked and told."""


class Budget:
    """Answers every question with `wait_s`, which is no wait unless a test sets it."""

    def __init__(self) -> None:
        self.wait_s = 0.0
        self.taken: list[tuple[str, int | None]] = []
        self.paused: list[float] = []

    def take(self, name: str, per_minute: int | None) -> float:
        self.taken.append((name, per_minute))
        return self.wait_s

    def pause(self, name: str, seconds: float) -> None:
        self.paused.append(seconds)
