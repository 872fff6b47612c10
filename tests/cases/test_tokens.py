"""What a search finds people by, and that the stored tokens give nothing away."""

import re
from itertools import combinations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import assume, given
from hypothesis import strategies as st

from cases import cards, clues, tokens
from cases.clues import Clues, Likeness
from cases.models import NameCard, Person, PersonTokens
from cases.names import forms_of, spelt, words_of
from tests import factories
from tests.factories import World
from victimcare import acting
from victimcare.encryption.ciphers import Unreadable
from victimcare.models import Organization, SubjectKey

KEY = b"a" * 32
SIMILAR, SAME = Likeness.SIMILAR_NAME_AND_YEAR, Likeness.NAME_AND_YEAR
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("María de los Ángeles", ["maria", "angeles"]),
        ("DA SILVA dos Santos", ["silva", "santos"]),
        ("O'Higgins", ["ohiggins"]),
        ("Núñez-Ávila", ["nunez", "avila"]),
        ("Jean-Pierre", ["jean", "pierre"]),
        ("Conceição", ["conceicao"]),
        ("L’Œuvre", ["loeuvre"]),
        ("Łucja Sørensen Weiß", ["lucja", "sorensen", "weiss"]),
        ("J. M.", ["j", "m"]),
        ("De la", ["de", "la"]),
        ("", []),
    ],
)
def test_words_of_a_name(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("name", "form"), [("da Silva", "dasilva"), ("Ana-María", "anamaria"), ("Le Roux", "leroux")]
)
def test_names_are_also_written_together(name: str, form: str) -> None:
    assert form in forms_of(name)


def found(kept: Clues, asked: Clues) -> set[Likeness]:
    """Why somebody would be found: only if their tokens lead to their card."""
    if not tokens.stored(kept, "AR", [KEY]) & tokens.asked(asked, "AR", KEY):
        return set()
    return cards.likenesses(cards.sought(asked, "AR"), cards.read(cards.text_of(kept, "AR")))


def born(year: int, given: str = "Ximena", surnames: str = "Quispe Mamani", **more: str) -> Clues:
    return Clues(given, surnames, frozenset({year}), **more)


def test_a_name_alone_has_no_token() -> None:
    assert tokens.stored(Clues("Ximena", "Quispe"), "AR", [KEY]) == set()
    assert tokens.stored(born(1990, "Ximena", ""), "AR", [KEY]) == set()


def test_a_telephone_has_the_shortest_token() -> None:
    """A dozen strangers of a million have it too: a dump does not say who shares a telephone."""
    [token] = tokens.stored(Clues(reached_at=("+541155550001",)), "AR", [KEY])
    assert len(token) == tokens.LENGTH
    assert token.endswith(tokens.NO_FIFTH)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        (("María de los Ángeles", "Peña Ávila"), ("Maria Angeles", "Pena")),
        (("Ximena", "Quispe Mamani"), ("Ximena", "Mamani Quispe")),
        (("Ximena", "Quispe Mamani"), ("Mamani", "Ximena")),
        (("Ximena", "Quispe Mamani"), ("Ximena", "Mamani")),
        (("João", "da Silva dos Santos"), ("Joao", "Dasilva")),
        (("Joana", "Dasilva"), ("Joana", "da Silva")),
        (("Conceição", "Gonçalves"), ("Conceicao", "Goncalves")),
        (("Jean-Pierre", "D'Angelo"), ("Jean Pierre", "Dangelo")),
        (("Jean-Pierre", "D'Angelo"), ("Pierre", "D Angelo")),
        (("Ana-María", "Núñez-Ávila"), ("Ana Maria", "Nunez Avila")),
        (("Ana María", "Núñez"), ("Anamaria", "Nunez")),
        (("Jeanpierre", "Lefèvre"), ("Jean-Pierre", "Lefevre")),
        (("Luis", "Báez"), ("Luiz", "Vaes")),
        (("Yésica", "Hernández"), ("Iesica", "Ernandes")),
        (("Thaís", "Souza"), ("Tais", "Sousa")),
        (("Juan M.", "Pérez"), ("Juan", "Perez")),
    ],
)
def test_the_same_name_in_another_form_is_found(kept: tuple[str, str], asked: tuple[str, str]) -> None:
    assert found(born(1990, *kept), born(1990, *asked)) == {SAME}


def test_what_somebody_is_called_is_found_with_the_surname() -> None:
    assert found(born(1990, known_as="Luz"), born(1990, "Luz", "Quispe")) == {SAME}


@pytest.mark.parametrize(
    ("kept", "asked"),
    [(("Ximena", "Quispe"), ("Ximena", "Mamani")), (("Juan", "Quispe"), ("Ana", "Quispe"))],
)
def test_another_name_is_somebody_else(kept: tuple[str, str], asked: tuple[str, str]) -> None:
    assert not found(born(1990, *kept), born(1990, *asked))


def test_another_year_of_birth_is_somebody_else() -> None:
    assert not found(born(1990), born(1991))


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same with one letter more, less, another, or two in the other order."""
    word = draw(st.text(LETTERS, min_size=3, max_size=12))
    place = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(LETTERS))
    return word, draw(
        st.sampled_from([
            word[:place] + letter + word[place:],
            word + letter,
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        ])
    )  # fmt: skip


@given(misspelt(), st.sampled_from(["Quispe", "Luz", "Fernández", "O'Higgins"]))
def test_one_wrong_letter_is_found(names: tuple[str, str], other: str) -> None:
    right, wrong = names
    assume(len(spelt(right)) >= 3)
    assert found(born(1990, right, other), born(1990, wrong, other)) & {SAME, SIMILAR}
    assert found(born(1990, other, right), born(1990, other, wrong)) & {SAME, SIMILAR}


@pytest.mark.parametrize("typed", ["11 2345-6789", "+54 11 2345 6789", "011 2345 6789"])
def test_a_telephone_is_found_however_it_is_written(typed: str) -> None:
    kept = Clues(reached_at=("+541123456789",))
    assert found(kept, Clues(reached_at=(typed,))) == {Likeness.PHONE}


def test_identity_number_and_e_mail_are_found_however_they_are_written() -> None:
    kept = Clues(identity_number="20.123.456", reached_at=("Somebody@Example.org",))
    asked = Clues(identity_number="20123456", reached_at=(" somebody@example.org",))
    assert found(kept, asked) == {Likeness.IDENTITY_NUMBER, Likeness.EMAIL}


def test_a_card_holds_no_number_telephone_or_address() -> None:
    text = cards.text_of(
        Clues("Ximena", "", frozenset(), "20123456", ("+541123456789", "x@example.org")), "AR"
    )
    assert not re.search(r"20123456|41123456789|example", text)


def test_the_same_person_has_other_tokens_in_another_organisation(world: World) -> None:
    """As the database holds them: nothing in a dump of both says that it is the same person."""
    kept = []
    for place in (world.agency, world.shelter, world.agency_br):
        person = factories.person(
            place,
            given_names="Ximena Luz",
            surnames="Quispe Mamani",
            birth="1990",
            identity_number="20123456",
        )
        tokens.keep(person)
        held = PersonTokens.objects.get(person=person).tokens.split()
        assert len(held) >= 6
        kept.append(set(held))
    assert not any(one & other for one, other in combinations(kept, 2))
    assert tokens.keys_of(world.agency).own != tokens.keys_of(world.shelter).own


def test_how_often_a_name_is_there_is_not_in_its_tokens() -> None:
    """Each of a name's tokens is one of several."""
    of_many = [tokens.stored(born(1990, "Ana", "Paz"), "AR", [KEY]) for _ in range(200)]
    assert len(set().union(*of_many)) == 2 * tokens.LOTS
    assert all(len(one) == 2 for one in of_many)


@pytest.mark.parametrize(
    ("age", "years"),
    [
        ({"from": 20, "to": 20, "on": "2020-05-01"}, [1999, 2000]),
        ({"from": 18, "to": 24, "on": "2020"}, []),
        (None, []),
    ],
)
def test_years_of_birth_that_an_age_leaves_open(age: dict[str, object] | None, years: list[int]) -> None:
    assert list(clues.years_of(Person(age=age))) == years


def kept_of(served: Person) -> tuple[str, str]:
    card = NameCard.objects.get(person=served)
    [(_person, said)] = cards.opened([(str(card.subject_key_id), cards.packed(served.pk, card.card))])
    return PersonTokens.objects.get(person=served).tokens, said


def test_tokens_and_card_follow_what_is_known(world: World) -> None:
    served = factories.person(world.agency, identity_number="20123456")
    tokens.keep(served)
    before = kept_of(served)
    served.identity_number = "20999999"
    served.given_names = "Rosario"
    served.save()
    tokens.keep(served)
    after = kept_of(served)
    assert len(before[0]) == len(after[0]) == tokens.LENGTH
    assert before[0] != after[0]
    assert before[1].startswith("ximena|")
    assert after[1].startswith("rosario|")


def test_of_whom_nothing_is_known_any_more_there_is_nothing_to_find(world: World) -> None:
    served = factories.person(world.agency)
    tokens.keep(served)
    served.given_names = served.surnames = ""
    served.save()
    tokens.keep(served)
    assert not PersonTokens.objects.exists()
    assert not NameCard.objects.exists()


def test_two_changes_at_once_wait_for_each_other(world: World) -> None:
    """The person is locked before the contacts are read: else one would bring back what the other took."""
    served = factories.person(world.agency)
    with CaptureQueriesContext(connection) as asked:
        tokens.keep(served)
    assert "FOR NO KEY UPDATE" in asked.captured_queries[0]["sql"]


def test_the_database_takes_no_card_of_who_was_erased(world: World) -> None:
    """Whatever the application had open before: the names of a person lie in no new card."""
    served = factories.person(world.agency)
    SubjectKey.objects.filter(pk=served.subject_key_id).update(
        wrapped=None, destroyed_at=served.created_at, destroyed_by=world.supervisor
    )
    assert refused(served, world.agency)


def test_the_database_takes_no_card_under_the_key_of_another_organisation(world: World) -> None:
    served = factories.person(world.agency)
    assert refused(served, world.shelter)
    assert not refused(served, world.agency)


def test_the_database_takes_nothing_about_somebody_whom_one_does_not_see(world: World) -> None:
    served = world.case.person
    for worker, sees in ((world.caseworker, True), (world.caseworker2, False)):
        with acting.as_user(worker):
            assert refused(served, world.agency) is not sees


def refused(served: Person, place: Organization) -> bool:
    card = cards.sealed(served.pk, "ximena||||", tokens.keys_of(place).of_cards)
    values = {"persons": [served.pk], "tokens": ["abcde"], "cards": [card], "place": place.pk}
    try:
        with transaction.atomic():
            tokens.KEEP.rows(values | {"keys": tokens.keys_of(place).ids})
    except DatabaseError:
        return True
    return False


def test_a_card_that_was_moved_or_changed_is_not_read(world: World) -> None:
    one, other = (factories.person(world.agency) for _number in range(2))
    tokens.keep(one)
    card = NameCard.objects.get(person=one)
    key, changed = str(card.subject_key_id), bytearray(card.card)
    changed[-1] ^= 1
    for person, blob in ((other, card.card), (one, memoryview(changed)), (one, card.card[:40])):
        with pytest.raises(Unreadable):
            list(cards.opened([(key, cards.packed(person.pk, bytes(blob)))]))
