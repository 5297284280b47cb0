"""Fuzz one target for some seconds: `python -m tests.hostile.fuzz redactor 300`.

With atheris (guided by coverage) where it is installed, else by changing what is known to be odd, at random. The last
line says how many inputs were tried; an input that fails ends the run with its bytes and the trace.
"""

import importlib
import random
import sys
import time
from collections.abc import Sequence

from tests.automations.adverse import ADVERSARIAL
from tests.automations.test_redact_laws import WORDS
from tests.hostile.fuzz_targets import TARGETS, Target
from tests.hostile.json_bodies import ACCEPTED, REJECTED
from tests.hostile.naughty import ALL

LONGEST = 4_096
CORPUS = [
    *(body for body in (*REJECTED, *ACCEPTED) if len(body) <= LONGEST),
    *(text.encode("utf-8", "surrogatepass") for text in (*ALL, *ADVERSARIAL, *WORDS)),
    b"1795000000\nv0=" + b"0" * 64, b"Bearer fuzz-token", b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
]  # fmt: skip


def drawn(dice: random.Random, corpus: Sequence[bytes] = CORPUS) -> bytes:
    """One input: pieces of the corpus put together, cut, repeated, and changed by a few bytes."""
    made = bytearray(b"".join(dice.choice(corpus) for _ in range(dice.choice((1, 1, 2, 3, 6)))))
    for _ in range(dice.choice((0, 0, 1, 2, 8))):
        at = dice.randrange(len(made) + 1)
        match dice.randrange(4):
            case 0:
                made[at:at] = dice.randbytes(dice.randrange(1, 5))
            case 1:
                del made[at : at + dice.randrange(1, 9)]
            case 2:
                made[at : at + 1] = bytes([dice.randrange(256)])
            case _:
                made[at:at] = made[at : at + 40] * dice.randrange(1, 20)
    return bytes(made[:LONGEST])


def by_chance(target: Target, seconds: float, seed: int) -> int:
    """Try inputs until the time is up. Returns how many."""
    dice, until, count = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        given, count = drawn(dice), count + 1
        try:
            target(given)
        except BaseException:
            sys.stderr.write(f"seed {seed}, input {count}: {given!r}\n")
            raise
    return count


def main(name: str, seconds: float, seed: int = 9) -> None:
    target = TARGETS[name]
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.stdout.write(
            f"{name}: {by_chance(target, seconds, seed):,} inputs in {seconds:.0f} s by chance, 0 failed\n"
        )
        return
    tried = [0]

    def once(given: bytes) -> None:
        tried[0] += 1
        target(given)
        if time.monotonic() >= until:  # the fuzzer ends the process without a word of ours
            sys.stdout.write(f"{name}: {tried[0]:,} inputs in {seconds:.0f} s guided by atheris, 0 failed\n")
            sys.stdout.flush()

    until = time.monotonic() + seconds - 1
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}", f"-max_len={LONGEST}", f"-seed={seed}"], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *(int(one) for one in sys.argv[3:4]))
