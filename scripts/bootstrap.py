"""Makes `.venv` and installs the locked packages. Runs on the machine's own Python, before all else.

Usage: python3 scripts/bootstrap.py [runtime|dev|embedded ...]

It must also be understood by a Python that is too old, so that the sentence about it can be read.
"""

import hashlib
import os
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(CHECKOUT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOCKS = {
    "runtime": "requirements.lock",
    "dev": "requirements-dev.lock",
    "embedded": "requirements-embedded.lock",
}
OLDEST, NEWEST = (3, 11), (3, 13)


class Problem(Exception):
    """Said to the user as one sentence."""


def check_python():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = "%d.%d" % sys.version_info[:2]
        raise Problem(
            "VictimCare needs Python 3.11, 3.12 or 3.13, and python3 is %s here: "
            "say which to use, for example `make run PYTHON=python3.12`." % found
        )


def works():
    """Is there a whole environment? One that was interrupted, or whose Python is gone, is made anew."""
    if not os.path.exists(PYTHON):
        return False
    code = "import pip, sys; sys.exit(not %r <= sys.version_info[:2] <= %r)" % (OLDEST, NEWEST)
    return subprocess.call([PYTHON, "-c", code], stderr=subprocess.DEVNULL) == 0


def make_environment():
    try:
        import ensurepip  # noqa: F401  Debian leaves this out of python3; without it venv makes half an environment.
        import venv
    except ImportError:
        raise Problem(
            "Python's venv module is missing: install it, on Debian with `apt-get install python3-venv`."
        )
    print("Making the Python environment .venv", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)


def digest(lock):
    with open(os.path.join(CHECKOUT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def stamp(lock):
    return os.path.join(VENV, "installed-" + lock)


def is_installed(lock):
    try:
        with open(stamp(lock)) as file:
            return file.read() == digest(lock)
    except OSError:
        return False


def install(lock):
    print("Installing the packages of %s (first time, or the lock changed)" % lock, flush=True)
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--requirement", os.path.join(CHECKOUT, lock)]
    log = os.path.join(VENV, "install.log")
    with open(log, "wb") as output:
        if subprocess.call(command, stdout=output, stderr=subprocess.STDOUT) != 0:
            raise Problem(
                "The packages of %s could not be installed (is the network there?): "
                "pip's own words are in %s." % (lock, os.path.relpath(log))
            )
    with open(stamp(lock), "w") as file:
        file.write(digest(lock))


def main(names):
    check_python()
    if not works():
        make_environment()
    for lock in [LOCKS[name] for name in names]:
        if not is_installed(lock):
            install(lock)


if __name__ == "__main__":
    try:
        main(sys.argv[1:] or ["runtime"])
    except Problem as problem:
        sys.exit(str(problem))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("The Python environment .venv could not be made: %s" % error)
    except KeyboardInterrupt:
        sys.exit(130)
