"""Nothing of an erased person can be read any more, in the database, a dump of it or a restored backup."""

import pytest

from tests.drills.erasure import drill


@pytest.mark.slow
def test_nothing_of_an_erased_person_can_be_read(worker_id: str):
    done = drill(f"erasure_{worker_id}")
    assert done.wrong == []
