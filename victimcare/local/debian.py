"""Programs from Debian's packages: installed as root, or unpacked into a folder, which changes no machine."""

import os
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

NODE = Path(sysconfig.get_paths()["platlib"]) / "playwright" / "driver" / "node"
MINUTES = 10
# A plain user may not lock the machine's package database, and only reads it; no caches are left behind.
APT = ("Debug::NoLocking=1", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=")


@dataclass(frozen=True)
class Wanted:
    """A program, the packages that bring it, its place in them; other programs that need them too."""

    name: str
    packages: tuple[str, ...]
    place: str
    others: tuple[Path, ...] = ()


# The fonts hold the letters and the shapes of the status marks; Playwright's Node needs libatomic1, which a
# bare machine lacks.
CHROMIUM = Wanted(
    "chromium",
    ("chromium", "fonts-liberation", "fonts-dejavu-core", "fontconfig-config", "libatomic1"),
    "usr/lib/chromium/chromium",
    (NODE,),
)
PGBOUNCER = Wanted("pgbouncer", ("pgbouncer",), "usr/sbin/pgbouncer")

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir><dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir>
  <cachedir>{root}/fontcache</cachedir>
</fontconfig>
"""
WRAPPER = """#!/bin/sh
# A program with the libraries that this machine lacks, unpacked from Debian's packages.
export LD_LIBRARY_PATH='{libraries}'
export FONTCONFIG_FILE='{root}/fonts.conf'
exec '{program}' "$@"
"""


def installed(folder: Path, wanted: Wanted = CHROMIUM) -> Path | None:
    """Install the packages on this machine; the program, or None where that cannot be done."""
    if shutil.which("apt-get") is None:
        return None
    print(f"Installing Debian's {wanted.name}", flush=True)
    _run(["apt-get", "update"], folder)
    _run(["apt-get", "install", "--yes", "--no-install-recommends", *wanted.packages], folder)
    found = shutil.which(wanted.name)
    return Path(found) if found else None


def unpacked(folder: Path, wanted: Wanted = CHROMIUM) -> Path | None:
    """Unpack the packages, and what they need that this machine lacks; a program that starts it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return None
    print(f"Unpacking Debian's {wanted.name} into {folder}", flush=True)
    packages, root = folder / "packages", folder / "root"
    for each in (packages, root):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir()
    # Own lists: a plain user cannot refresh the machine's, and a bare one has none.
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    settings = (f"Dir::State::Lists={folder / 'lists'}", f"Dir::Cache={folder}", *APT)
    options = [word for setting in settings for word in ("-o", setting)]
    _run(["apt-get", *options, "update"], folder)
    simulated = ["--simulate", "--no-install-recommends", "install", *wanted.packages]
    plan = _run(["apt-get", *options, *simulated], folder)
    missing = re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", plan, re.MULTILINE)
    if not missing:
        return None
    _run(["apt-get", *options, "download", *(f"{name}={version}" for name, version in missing)], packages)
    for package in packages.glob("*.deb"):
        _run(["dpkg", "-x", str(package), str(root)], folder)
    for spent in (packages, folder / "lists"):
        shutil.rmtree(spent)
    return _wrappers(folder, root, wanted)


def node(folder: Path) -> Path | None:
    """Playwright's Node with unpacked libraries, if any were unpacked."""
    script = folder / "node"
    return script if script.exists() else None


def _wrappers(folder: Path, root: Path, wanted: Wanted) -> Path:
    # Some libraries lie in folders of their own (nss, pulseaudio), which a package's set-up would make known.
    libraries = sorted({path.parent for path in root.rglob("lib*.so*")}, key=lambda path: len(path.parts))
    (root / "fonts.conf").write_text(FONTS.format(root=root), encoding="utf-8")
    place = root / wanted.place
    programs = {wanted.name: place if place.exists() else wanted.name}
    programs |= {other.name: other for other in wanted.others}
    for name, program in programs.items():
        text = WRAPPER.format(root=root, libraries=":".join(map(str, libraries)), program=program)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)  # the server's user may be another; the folder is closed to the rest
    return folder / wanted.name


def _run(command: list[str], cwd: Path) -> str:
    """Its output; a failure shows later, when the browser is not there."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=MINUTES * 60, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
