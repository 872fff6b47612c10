"""The data set of the bench is what the product itself would have made, and is kept."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import generate
from victimcare.local import places
from victimcare.local.problems import Problem

CASES = 2_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[generate.Made]:
    with pytest.MonkeyPatch.context() as patch:
        apart(patch, tmp_path_factory.mktemp("local"))
        with generate.ensure(CASES) as found:
            yield found


def apart(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """A cluster of its own, and not the one of the tests."""
    folder.chmod(0o700)
    patch.setenv("LOCAL_DIR", str(folder))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "VICTIMCARE_ROLE"):
        patch.delenv(name, raising=False)


def look(made: generate.Made, **more: str) -> None:
    command = [sys.executable, "-m", "tests.benches.generated", str(made.local / generate.CAST)]
    done = subprocess.run(
        command, cwd=places.CHECKOUT, env=made.env | more, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_rows_open_in_the_product(made: generate.Made) -> None:
    look(made)


def test_rows_lie_as_the_product_would_have_written_them(made: generate.Made) -> None:
    look(made, VICTIMCARE_ROLE="owner")


def test_cast_is_kept_in_the_folder(made: generate.Made) -> None:
    assert len(made.cast["searched"]) == 300
    assert len(made.cast["typed"]) == 50


@pytest.mark.parametrize("cases", [1_000, 2_100])
def test_sizes_that_make_no_whole_teams_are_refused(cases: int) -> None:
    with pytest.raises(Problem, match="how many cases"), generate.ensure(cases):
        pass
