"""PDF and office documents are read by a process of their own: it may die, and the web server does not."""

import os
import sys
from typing import Any

import pytest
from django.utils import translation

from tests.attacks import files, office, samples
from tests.attacks.test_files import kept, spooled
from victimcare.files import apart, looking
from victimcare.files.admission import admit
from victimcare.files.refusals import FileRefused


def refusal(content: bytes, name: str) -> str | None:
    with pytest.raises(FileRefused) as refused:
        admit(spooled(content), name)
    return refused.value.code


@pytest.mark.parametrize("name", ["letter.pdf", "letter.docx", "list.xlsx", "letter.odt"])
def test_what_is_harmless_comes_back(name: str) -> None:
    assert admit(spooled(samples.HARMLESS[name]), name).kind.endings[0] == name.rpartition(".")[2]


def test_a_refusal_comes_back_with_its_reason(settings: Any) -> None:
    assert refusal(files.opens_with(files.acting(S="Launch", F="cmd.exe"))(), "a.pdf") == "pdf_acts"
    assert refusal(office.with_part("word/vbaProject.bin", office.OLE)(), "a.docx") == "office_acts"
    settings.FILES_MAX_OFFICE_BYTES = 1024 * 1024
    with pytest.raises(FileRefused, match="may have 1 MB at most"):
        admit(spooled(samples.docx({"word/media/a.jpeg": os.urandom(1024 * 1024)})), "a.docx")


def test_limits_of_pictures_are_those_of_the_settings(settings: Any) -> None:
    settings.FILES_MAX_PIXELS = 1000
    letter = samples.docx({"word/media/a.jpeg": samples.picture("JPEG", (40, 30))})
    assert refusal(letter, "a.docx") == "too_many_pixels"


@pytest.mark.parametrize("does", ["bytearray(900 * 2**20)", "os.kill(os.getpid(), 11)", "print('x')", "None"])
def test_where_it_dies_the_file_was_too_complicated(monkeypatch: Any, does: str) -> None:
    """Of memory, of a fault in a library, or with an answer that is none."""
    program = f"import os; from victimcare.files import looking; looking._limit(2**29); {does}"
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", program))
    assert refusal(samples.pdf(), "a.pdf") == "too_complicated"
    assert refusal(samples.docx(), "a.docx") == "too_complicated"


def test_it_ends_when_its_time_is_over(monkeypatch: Any) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.1)
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", "import sys; sys.stdin.readline(); input()"))
    assert refusal(samples.pdf(), "a.pdf") == "too_complicated"


def test_it_has_a_limit_of_memory_and_time(monkeypatch: Any) -> None:
    program = (
        "import json, os, resource as r; from victimcare.files import looking;"
        "looking._limit(looking.MEMORY['pdf']);"
        "limits = [r.getrlimit(one)[0] for one in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)];"
        "print(json.dumps({'refused': 'empty', 'params': {'limits': limits, 'env': sorted(os.environ)}}))"
    )
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(FileRefused) as refused:
        admit(spooled(samples.pdf()), "a.pdf")
    assert refused.value.params is not None
    assert refused.value.params["limits"] == [looking.MEMORY["pdf"], looking.CPU_SECONDS, 0]
    # None of the product's secrets.
    assert set(refused.value.params["env"]) <= {"LC_CTYPE"}


def test_a_large_file_goes_through_whole() -> None:
    def large(document: Any) -> None:
        document.Root.Large = document.make_stream(os.urandom(3_000_000))

    content = samples.pdf(large)
    assert kept(content, "a.pdf") == content


def test_many_streams_of_zeros_do_not_take_the_memory() -> None:
    assert refusal(files.of_zeros(), "a.pdf") == "too_complicated"
    assert refusal(files.of_zeros(51, 40_000), "a.pdf") == "too_complicated"


@pytest.mark.parametrize("name", samples.HARMLESS)
@pytest.mark.parametrize("language", ["es", "fr"])
def test_each_kind_is_taken_in_each_language(name: str, language: str) -> None:
    with translation.override(language):
        assert admit(spooled(samples.HARMLESS[name]), name).name == name
