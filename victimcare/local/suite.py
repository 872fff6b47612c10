"""`make test`: pytest with a database of its own and the browser. Arguments go to pytest.

For one test by hand: python -m victimcare.local.suite -k name
"""

import subprocess
import sys

from victimcare.local import assets, browser, children, scratch
from victimcare.local.places import CHECKOUT, local_dir
from victimcare.local.problems import run_main


def main() -> int:
    local = local_dir()
    # Sought before the long part, so that a missing browser is said at once.
    browser_env = browser.environment(local)
    assets.build(local)
    with scratch.environment() as (_folder, env):
        # pytest makes test databases as the owner; its connection then takes the application's role.
        env |= browser_env | {"VICTIMCARE_ROLE": "owner"}
        command = children.bound([sys.executable, "-m", "pytest", *sys.argv[1:]])
        process = subprocess.Popen(command, cwd=CHECKOUT, env=env)
        try:
            return process.wait()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    run_main(main)
