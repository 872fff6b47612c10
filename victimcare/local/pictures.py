"""`make pictures`: the demonstration on a scratch database, photographed by tests/pictures.py."""

import subprocess
import sys

from victimcare.local import browser, children, keys, product, run, scratch
from victimcare.local.places import CHECKOUT, local_dir
from victimcare.local.problems import run_main


def main() -> int:
    browser_env = browser.environment(local_dir())
    port = product.free_port()
    with scratch.environment() as (local, env):
        env |= browser_env | {
            "BASE_URL": f"http://{product.HOST}:{port}",
            "DEMO_PASSWORD": keys.demonstration_password(local),
        }
        run.set_up(local, env)
        with product.running(env, port, local):
            command = children.bound([sys.executable, "-m", "tests.pictures"])
            return subprocess.run(command, cwd=CHECKOUT, env=env, check=False).returncode


if __name__ == "__main__":
    run_main(main)
