"""`make run`: everything from a bare database to the product answering on http://127.0.0.1:8000."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from victimcare.local import assets, children, commands, environments, keys, locks, product
from victimcare.local.cluster import ensure
from victimcare.local.places import local_dir
from victimcare.local.problems import Problem, Stopped, run_main

LOCK = "run.lock"


def main() -> int:
    port, local = chosen_port(), local_dir()
    with locks.held(local / LOCK) as alone:
        if not alone:
            raise Problem(
                f"VictimCare runs from here already (process {locks.holder(local / LOCK)}): "
                "stop it first, or set LOCAL_DIR to run another one."
            )
        product.check_port(port)
        serve(local, port)
    return 0


def chosen_port() -> int:
    """The number in PORT; 8000 if unset."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Problem(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def serve(local: Path, port: int) -> None:
    """Set up and serve until somebody stops us."""
    started = time.monotonic()
    with ensure(local) as urls:
        env = environments.serving(local, urls) | {"DEMO_PASSWORD": keys.demonstration_password(local)}
        set_up(local, env)
        with product.running(env, port, local) as parts:
            # To be told to stop is how this ends well; before this point it is an interruption.
            with suppress(Stopped):
                announce(port, env, time.monotonic() - started)
                product.watch(parts)
            print("Stopping.", flush=True)


def set_up(local: Path, env: Mapping[str, str]) -> None:
    """Bring database, messages, static files and demonstration data to where the source wants them."""
    log = children.fresh_log(local / "set-up.log")
    print("Bringing messages, static files and database up to date", flush=True)
    assets.build(local)
    commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
    print("Filling the database with invented people, if it is empty", flush=True)
    commands.quietly(env, log, "demo", "--if-empty")


def announce(port: int, env: Mapping[str, str], seconds: float) -> None:
    commands.aloud(env, "demo", "--accounts")
    print(
        f"\nVictimCare is ready at http://{product.HOST}:{port} ({seconds:.0f} s). Ctrl-C stops it.",
        flush=True,
    )


if __name__ == "__main__":
    run_main(main)
