"""Files in segments: whoever moves, drops, doubles, adds, cuts or swaps one is found (property tests)."""

import logging
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victimcare.encryption import streams
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.streams import Stream, opened, segments_of

RECORD, OTHER = UUID(int=1), UUID(int=2)
SECRET = b"s" * 32
SMALL = 16  # so that a file has many segments

Blobs = list[bytes]


@pytest.fixture(autouse=True, scope="module")
def _small_segments() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "SEGMENT", SMALL)
        yield


def sealed(content: bytes, stream: Stream | None = None) -> Blobs:
    stream = stream or Stream(SECRET, "cases.Document", RECORD)
    return [
        stream.seal(plain, position, last=last)
        for position, (plain, last) in enumerate(segments_of([content]))
    ]


def read(blobs: Blobs, size: int, stream: Stream | None = None) -> bytes:
    return b"".join(opened(stream or Stream(SECRET, "cases.Document", RECORD), blobs, size))


@given(content=st.binary(max_size=200), cut=st.integers(1, 40))
@settings(max_examples=50, deadline=None)
def test_what_was_sealed_is_read_however_it_came(content: bytes, cut: int) -> None:
    chunks = [content[at : at + cut] for at in range(0, len(content), cut)]
    stream = Stream(SECRET, "cases.Document", RECORD)
    blobs = [stream.seal(plain, at, last=last) for at, (plain, last) in enumerate(segments_of(chunks))]
    assert read(blobs, len(content)) == content
    assert len(blobs) == streams.count_of(len(content))


# From segments and two places in them to what somebody made of it.
CHANGES: dict[str, Callable[[Blobs, int, int], Blobs]] = {
    "swapped": lambda blobs, one, other: [
        blobs[{one: other, other: one}.get(at, at)] for at in range(len(blobs))
    ],
    "dropped": lambda blobs, one, other: blobs[:one] + blobs[one + 1 :],
    "doubled": lambda blobs, one, other: blobs[: one + 1] + blobs[one:],
    "appended": lambda blobs, one, other: [*blobs, blobs[one]],
    "put over another": lambda blobs, one, other: [*blobs[:one], blobs[other], *blobs[one + 1 :]],
    "cut off": lambda blobs, one, other: blobs[: max(one, 1) - 1],
    "shortened": lambda blobs, one, other: [*blobs[:one], blobs[one][:-1], *blobs[one + 1 :]],
    "bit changed": lambda blobs, one, other: [
        *blobs[:one], blobs[one][:-1] + bytes([blobs[one][-1] ^ 1]), *blobs[one + 1 :],
    ],
    "emptied": lambda blobs, one, other: [*blobs[:one], b"", *blobs[one + 1 :]],
    "missing": lambda blobs, one, other: [*blobs[:one], None, *blobs[one + 1 :]],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_change_of_the_segments_is_found(change: str, data: st.DataObject) -> None:
    content = data.draw(st.binary(min_size=2 * SMALL + 1, max_size=6 * SMALL))
    blobs = sealed(content)
    places = st.integers(0, len(blobs) - 1)
    one, other = data.draw(st.lists(places, min_size=2, max_size=2, unique=True))
    changed = CHANGES[change](blobs, one, other)
    with pytest.raises(Unreadable):
        read(changed, len(content))


@given(content=st.binary(min_size=SMALL + 1, max_size=5 * SMALL), shorter=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_file_is_not_cut_with_its_size(content: bytes, shorter: int) -> None:
    """Who takes the last segments away, and says so in the record, is found by what the last one says."""
    blobs = sealed(content)
    kept = blobs[: max(1, len(blobs) - shorter)]
    with pytest.raises(Unreadable):
        read(kept, len(kept) * SMALL)
    with pytest.raises(Unreadable):
        read(blobs, len(content) + 1)


@pytest.mark.parametrize(
    "whose",
    [
        (SECRET, "cases.Document", OTHER),
        (b"t" * 32, "cases.Document", RECORD),
        (SECRET, "certification.Evidence", RECORD),
    ],
    ids=["another document", "another owner", "another model"],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_segment_of_another_file_is_found(whose: tuple[bytes, str, UUID], at: int) -> None:
    content = bytes(range(2 * SMALL + 5))
    blobs, foreign = sealed(content), sealed(content, Stream(*whose))
    with pytest.raises(Unreadable):
        read([*blobs[:at], foreign[at], *blobs[at + 1 :]], len(content))


@pytest.mark.parametrize("position", [0, 1])
def test_associated_data_names_place_and_end(position: int) -> None:
    """By itself, without what counts segments: each of them alone is enough to refuse."""
    stream = Stream(SECRET, "cases.Document", RECORD)
    blob = stream.seal(b"words", position, last=False)
    assert stream.open(blob, position, last=False) == b"words"
    for wrong in ({"position": position + 1, "last": False}, {"position": position, "last": True}):
        with pytest.raises(Unreadable):
            stream.open(blob, **wrong)  # type: ignore[arg-type]  # of two kinds


def test_another_format_is_refused() -> None:
    stream = Stream(SECRET, "cases.Document", RECORD)
    with pytest.raises(Unreadable):
        stream.open(b"\x02" + stream.seal(b"words", 0, last=True)[1:], 0, last=True)


def test_a_changed_segment_raises_the_alarm(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "victimcare.alarm"), pytest.raises(Unreadable):
        read(sealed(b"words")[:0], 5)
    assert "An encrypted value cannot be read" in caplog.text
