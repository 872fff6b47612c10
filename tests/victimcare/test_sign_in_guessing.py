"""Who guesses gets at most ten passwords tried in 15 minutes, learns nothing, and locks nobody out."""

import threading
from typing import Any

import psycopg2
import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from tests import factories
from tests.factories import World
from tests.signing import CountingHasher, asked, code, later, real, recovery_codes, with_app
from victimcare.models import Tries, User
from victimcare.sign_in import addresses, codes, passwords, tries
from victimcare.sign_in.tries import Budget

ONE, MANY = ["203.0.113.9"], [f"198.18.{number // 250}.{number % 250}" for number in range(1000)]
WRONG = "not the password at all"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.signing.CountingHasher"]


@pytest.fixture
def owner(world: World) -> User:
    user = with_app(real(world.caseworker))
    CountingHasher.begin()
    return user


def guess(name: str, address: str, password: str = WRONG, code: str = "") -> Any:
    request = RequestFactory().post("/account/login/", REMOTE_ADDR=address)
    return passwords.right(request, name, password, code)


def attack(name: str, addresses: list[str], guesses: int) -> None:
    for number in range(guesses):
        assert guess(name, addresses[number % len(addresses)], f"guess {number}") is None


def page(user: User | str, password: str = WRONG, **more: str) -> tuple[int, str]:
    """Status and words of the answer, but for what differs at each: the token, and the name as typed."""
    name = user if isinstance(user, str) else user.username
    answer = Client().post("/account/login/", {"login": name, "password": password} | more)
    kept = [line for line in answer.content.decode().splitlines() if "csrfmiddlewaretoken" not in line]
    return answer.status_code, "\n".join(kept).replace(name, "NAME")


@pytest.mark.parametrize("addresses", [ONE, MANY], ids=["one", "thousand"])
@pytest.mark.parametrize("guesses", [400, pytest.param(10_000, marks=pytest.mark.slow)])
def test_ten_guesses_are_tried_and_the_owner_gets_in(owner: User, addresses: list[str], guesses: int) -> None:
    attack(owner.username, addresses, guesses)
    assert CountingHasher.tried == 10
    assert asked(Client(), owner).status_code == 200
    assert asked(Client(), owner, code=code()).url == "/"


def test_in_every_quarter_of_an_hour_there_are_ten(owner: User) -> None:
    for minutes in range(0, 60, 5):
        with later(minutes=minutes):
            attack(owner.username, MANY, 15)
    assert CountingHasher.tried == 4 * 10


def test_the_owner_gets_in_from_the_attackers_address(owner: User) -> None:
    """They share it: an office, a telephone company."""
    attack(owner.username, ["127.0.0.1"], 200)
    assert asked(Client(), owner, code=code()).url == "/"


def test_the_right_password_alone_does_not_get_in_any_more(owner: User) -> None:
    attack(owner.username, ONE, 10)
    assert guess(owner.username, "198.51.100.7", factories.PASSWORD) is None
    with later(minutes=16):
        assert guess(owner.username, "198.51.100.7", factories.PASSWORD) is not None


def test_a_wrong_code_opens_nothing_whatever_the_password(owner: User) -> None:
    """And one hash is computed each time."""
    for number in range(50):
        password = factories.PASSWORD if number % 2 else WRONG
        assert guess(owner.username, MANY[number], password, code="000000") is None
    assert CountingHasher.computed == 50


def test_a_right_code_needs_the_password_too(owner: User) -> None:
    assert guess(owner.username, ONE[0], WRONG, code=code()) is None
    assert CountingHasher.tried == 1


def test_a_code_is_good_once(owner: User) -> None:
    shown = code()
    assert guess(owner.username, ONE[0], factories.PASSWORD, code=shown) is not None
    assert guess(owner.username, ONE[0], factories.PASSWORD, code=shown) is None


def test_who_has_the_password_does_not_guess_the_code(owner: User) -> None:
    """Short codes are asked so often only, from wherever; the owner still gets in by a recovery code."""
    answered = 0
    for _number in range(300):
        answered += codes.OF_ACCOUNT.take(owner.username)
    assert answered == codes.OF_ACCOUNT.most
    assert guess(owner.username, MANY[0], factories.PASSWORD, code=code()) is None
    kept = recovery_codes(owner)[0]
    assert guess(owner.username, MANY[1], factories.PASSWORD, code=kept) is not None
    assert guess(owner.username, MANY[2], factories.PASSWORD, code=kept) is None


@pytest.mark.parametrize("froms", [ONE, MANY], ids=["one", "many"])
def test_who_knows_a_name_only_closes_no_app(owner: User, froms: list[str]) -> None:
    """However many codes they send, and whatever password: the owner's code is asked as before."""
    attack(owner.username, froms, 10)
    for number in range(3 * codes.OF_ACCOUNT.most):
        assert guess(owner.username, froms[number % len(froms)], WRONG, code="000000") is None
    assert guess(owner.username, froms[0], factories.PASSWORD, code=code()) is not None


def test_an_address_in_two_forms_is_one(owner: User) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="::ffff:203.0.113.9")
    assert addresses.counted(request) == "203.0.113.9"


def test_codes_at_the_second_step_are_counted_too(owner: User) -> None:
    """Who stole the password guesses a hundred; the owner then comes in by a recovery code."""
    thief = Client()
    asked(thief, owner)
    for _number in range(codes.OF_ACCOUNT.most):
        thief.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert thief.post("/account/second-factor/authenticate/", {"code": code()}).status_code == 200
    client = Client(REMOTE_ADDR="198.51.100.7")
    asked(client, owner)
    kept = recovery_codes(owner)[0]
    assert client.post("/account/second-factor/authenticate/", {"code": kept}).url == "/"


def test_many_guesses_do_not_lock_who_is_in_out_of_confirming(owner: User) -> None:
    attack(owner.username, MANY, 100)
    assert passwords.confirms(owner, factories.PASSWORD)
    for _number in range(passwords.TO_CONFIRM.most):
        passwords.confirms(owner, WRONG)
    assert not passwords.confirms(owner, factories.PASSWORD)


def test_a_shared_address_tries_many_names(world: World) -> None:
    """Sixty a minute of an office; then a code is needed for a minute, and nobody is locked."""
    for number in range(passwords.OF_ADDRESS.most):
        guess(f"colleague-{number}", ONE[0])
    before = CountingHasher.tried
    user = with_app(real(world.caseworker))
    assert guess(user.username, ONE[0], factories.PASSWORD) is None
    assert CountingHasher.tried == before
    assert guess(user.username, ONE[0], factories.PASSWORD, code=code()) is not None
    with later(minutes=2):
        assert guess(user.username, ONE[0], factories.PASSWORD) is not None


def test_signing_in_often_is_no_guessing(owner: User) -> None:
    for _number in range(30):
        assert guess(owner.username, ONE[0], factories.PASSWORD) is not None


def test_the_answer_is_the_same_for_every_name(world: World, owner: User) -> None:
    """Known, unknown, disabled, without a password, used up: with a wrong password, and the last ones with
    the right one.
    """
    disabled = real(world.caseworker2)
    disabled.is_active = False
    disabled.save()
    locked = real(world.supervisor)
    attack(locked.username, MANY, 20)
    expected = page(owner)
    assert expected[0] == 200
    assert "That did not open an account." in expected[1]
    assert page("nobody-of-this-name") == expected
    assert page(disabled) == page(disabled, factories.PASSWORD) == expected
    assert page(factories.user("without-a-password")) == expected
    assert page(locked) == page(locked, factories.PASSWORD) == expected
    with_code = page(owner, code="000000")
    assert page("nobody-of-this-name", code="000000") == page(locked, code="000000") == with_code


@pytest.mark.parametrize("given", ["", "000000"])
def test_each_answer_costs_one_hash(world: World, owner: User, given: str) -> None:
    disabled = real(world.caseworker2)
    disabled.is_active = False
    disabled.save()
    for name in (owner.username, "nobody-of-this-name", disabled.username, world.admin.username):
        for _number in range(15):
            CountingHasher.begin()
            guess(name, MANY[_number], code=given)
            assert CountingHasher.computed == 1


@pytest.mark.parametrize("given", ["", "000000"])
def test_each_answer_asks_the_database_alike(
    world: World, owner: User, given: str, django_assert_num_queries: Any
) -> None:
    """But for the recovery codes of who has some: they lie under a lock while they are compared."""
    disabled = real(world.caseworker2)
    disabled.is_active = False
    disabled.save()
    plain = real(world.supervisor)
    for name in ("nobody-of-this-name", disabled.username, plain.username):
        with django_assert_num_queries(7):
            guess(name, ONE[0], code=given)


def test_names_in_capitals_are_one_name(owner: User) -> None:
    attack(owner.username.upper(), MANY, 10)
    assert guess(owner.username, ONE[0], factories.PASSWORD) is None
    assert guess(f" {owner.username.upper()} ", ONE[0], factories.PASSWORD, code=code()) is not None


def test_an_ipv6_network_is_one_address(owner: User) -> None:
    for number in range(passwords.OF_ADDRESS.most):
        guess(f"name-{number}", f"2001:db8:1:2::{number:x}")
    before = CountingHasher.tried
    guess(owner.username, "2001:db8:1:2:ffff::1")
    assert CountingHasher.tried == before
    guess(owner.username, "2001:db8:1:3::1")
    assert CountingHasher.tried == before + 1


def test_what_is_counted_names_nobody_and_is_swept_away(owner: User) -> None:
    attack(owner.username, ONE, 3)
    rows = str(list(Tries.objects.values()))
    assert owner.username not in rows
    assert ONE[0] not in rows
    tries.forget()
    assert Tries.objects.exists()
    with later(days=2):
        tries.forget()
    assert not Tries.objects.exists()


def test_two_processes_count_together(db: None) -> None:
    """The statement itself, on connections of their own that commit."""
    budget, taken = Budget("of-a-test", 10), []
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    wanted = {"key": budget.key("x"), "most": 10, **_now()}

    def process() -> None:
        other = psycopg2.connect(**parameters)
        other.autocommit = True
        with other.cursor() as cursor:
            for _number in range(50):
                cursor.execute(tries.TAKE, wanted)
                taken.extend(cursor.fetchall())
        other.close()

    threads = [threading.Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _remove(parameters, wanted["key"])
    assert len(taken) == 10


def _now() -> dict[str, Any]:
    return {"now": timezone.now(), "since": timezone.now() - tries.WINDOW}


def _remove(parameters: dict[str, Any], key: str) -> None:
    with psycopg2.connect(**parameters) as other, other.cursor() as cursor:
        cursor.execute("DELETE FROM victimcare_tries WHERE key = %s", [key])
    other.close()


def test_the_quick_hasher_counts(db: None) -> None:
    """The ruler itself: it would be red without it."""
    CountingHasher.begin()
    user = User(password=make_password("x"))
    assert user.check_password("x")
    assert (CountingHasher.tried, CountingHasher.computed) == (1, 2)
