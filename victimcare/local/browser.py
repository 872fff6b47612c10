"""Provides the one browser of the tests: Chromium, without a window.

In this order: what CHROMIUM names; what an earlier run found; Playwright's own download; a Chromium on this
machine; Debian's package, installed as root or unpacked into the local folder as a plain user.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from victimcare.local import debian
from victimcare.local.places import private
from victimcare.local.problems import Problem

DOWNLOAD_SECONDS = 120
ANSWER_SECONDS = 60
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def environment(local: Path) -> dict[str, str]:
    """What the tests are told: CHROMIUM, one that has been seen to run where there are fonts; and where
    Playwright's own Node lacks a library, one that has it.
    """
    found = {"CHROMIUM": str(_chromium(local))}
    node = debian.node(local / "chromium")
    return found if node is None else found | {"PLAYWRIGHT_NODEJS_PATH": str(node)}


def _chromium(local: Path) -> Path:
    named = os.environ.get("CHROMIUM")
    if named:
        if not _runs(Path(named)):
            raise Problem(f"CHROMIUM is {named}, which does not run: correct or unset it.")
        return Path(named)
    memory = local / "chromium-path"
    for found in _candidates(local, memory):
        if _runs(found):
            memory.write_text(str(found), encoding="utf-8")
            return found
    raise Problem("The browser tests need Chromium: install it, on Debian with `apt-get install chromium`.")


def _candidates(local: Path, memory: Path) -> Iterator[Path]:
    if memory.exists():
        yield Path(memory.read_text(encoding="utf-8"))
    # Without fonts a page is blank, and without Node Playwright does nothing; Debian's packages bring both.
    if _has_fonts() and _has_node():
        yield from _playwrights(private(local / "playwright"))
        yield from (Path(found) for found in map(shutil.which, PROGRAMS) if found)
    way: Callable[[Path], Path | None] = debian.installed if os.geteuid() == 0 else debian.unpacked
    found = way(private(local / "chromium"))
    if found:
        yield found


def _has_node() -> bool:
    try:
        done = subprocess.run([str(debian.NODE), "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _has_fonts() -> bool:
    return any(any(Path(folder).expanduser().rglob("*.?tf")) for folder in FONT_FOLDERS)


def _playwrights(folder: Path) -> Iterator[Path]:
    print("Asking Playwright for its Chromium (first time only)", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    env = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(folder)}
    try:
        subprocess.run(command, env=env, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return
    yield from folder.glob("chromium-*/chrome-linux*/chrome")


def _runs(program: Path) -> bool:
    command = [str(program), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=ANSWER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"<html" in done.stdout
