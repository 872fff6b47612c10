"""No password is taken that stands in the installation's list of leaked ones."""

import hashlib
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from victimcare import settings as product_settings
from victimcare.sign_in import leaked

LEAKED = [f"correct horse {number}" for number in range(40)]


def line(password: str) -> str:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
    return f"{digest.upper()}:{len(password)}"


def written(path: Path, passwords: list[str], end: str = "\n") -> str:
    path.write_bytes("".join(one + end for one in sorted(map(line, passwords))).encode())
    return str(path)


@pytest.fixture
def known(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the process is told of it."""
    monkeypatch.setenv("LEAKED_PASSWORDS_FILE", written(tmp_path / "leaked", LEAKED, "\r\n"))
    told = runpy.run_path(product_settings.__file__)
    for name in ("LEAKED_PASSWORDS_FILE", "AUTH_PASSWORD_VALIDATORS"):
        setattr(settings, name, told[name])


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("password", LEAKED)
def test_each_of_the_list_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="leaked elsewhere"):
        validate_password(password)


@pytest.mark.usefixtures("known")
def test_others_are_taken() -> None:
    for number in range(200):
        validate_password(f"battery staple {number}")


def test_without_a_list_nothing_is_asked_and_nothing_promised() -> None:
    validate_password(LEAKED[0])
    assert not [one for one in password_validators_help_texts() if "leaked" in one]


@given(st.sets(st.text(max_size=8), max_size=12), st.text(max_size=8))
def test_it_finds_what_is_there_and_nothing_else(tmp_path_factory: Any, listed: set[str], asked: str) -> None:
    path = written(tmp_path_factory.mktemp("list") / "leaked", list(listed))
    assert leaked.is_listed(asked, path) == (asked in listed)
    assert all(leaked.is_listed(one, path) for one in listed)


@pytest.mark.usefixtures("known")
def test_a_list_that_is_gone_lets_no_password_in(settings: Any) -> None:
    Path(settings.LEAKED_PASSWORDS_FILE).unlink()
    with pytest.raises(OSError, match="No such file"):
        validate_password("battery staple 1")


def test_what_is_no_such_list_is_told_from_one(tmp_path: Path) -> None:
    right = written(tmp_path / "right", LEAKED)
    lines = Path(right).read_text().splitlines()
    (tmp_path / "other order").write_text("\n".join(reversed(lines)))
    (tmp_path / "in clear").write_text("\n".join(sorted(LEAKED)))
    (tmp_path / "another hash").write_text("\n".join(sorted(one[:40] * 2 for one in lines)))
    (tmp_path / "one line").write_bytes(bytes(100_000))
    (tmp_path / "empty").touch()
    wrong = ["other order", "in clear", "another hash", "one line", "empty", "not there"]
    assert leaked.is_list(right)
    assert [name for name in wrong if leaked.is_list(str(tmp_path / name))] == []
