"""What every root key provider does: one suite for all of them. And what happens when it does not answer."""

import base64
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from cases.models import Note
from tests import factories
from tests.victimcare.vaults import TOKEN, Vault
from victimcare import checks
from victimcare.encryption import keyring, roots, vault
from victimcare.encryption.roots import KEY_BYTES, KeyUnavailable, RootKeyProvider

KEY, CONTEXT = os.urandom(KEY_BYTES), b"victimcare:state-key:AR"
SOURCE_NAMES = ("file", "environment", "vault")


@dataclass
class Source:
    """Where a provider has its root key from. `provider()` is as another process sees it."""

    provider: Callable[[], RootKeyProvider]
    rotate: Callable[[], None]
    stop: Callable[[], None]
    start: Callable[[], None]
    secrets: list[bytes] = field(default_factory=list)


@pytest.fixture(params=SOURCE_NAMES)
def source(request, tmp_path, monkeypatch) -> Iterator[Source]:
    for name in ("VICTIMCARE_ROOT_KEY", "VICTIMCARE_OLD_ROOT_KEYS"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    yield from {"file": of_file, "environment": of_environment, "vault": of_vault}[request.param](
        tmp_path, monkeypatch
    )


def of_file(tmp_path, monkeypatch):
    present, old = tmp_path / "root-key", tmp_path / "old-root-keys"
    monkeypatch.setenv("VICTIMCARE_ROOT_KEY_FILE", str(present))
    monkeypatch.setenv("VICTIMCARE_OLD_ROOT_KEYS_FILE", str(old))
    first, second = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    present.write_bytes(base64.b64encode(first))
    old.write_bytes(b"")

    def rotate():
        old.write_bytes(base64.b64encode(first) + b"\n")
        present.write_bytes(base64.b64encode(second) + b"\n")

    yield Source(
        roots.from_environment,
        rotate,
        stop=lambda: present.rename(tmp_path / "away"),
        start=lambda: (tmp_path / "away").rename(present),
        secrets=[first, second],
    )


def of_environment(tmp_path, monkeypatch):
    first, second = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)

    def told(present, old=b""):
        monkeypatch.setenv("VICTIMCARE_ROOT_KEY", base64.b64encode(present).decode())
        monkeypatch.setenv("VICTIMCARE_OLD_ROOT_KEYS", base64.b64encode(old).decode())

    told(first)
    yield Source(
        roots.from_environment,
        rotate=lambda: told(second, first),
        stop=lambda: monkeypatch.setenv("VICTIMCARE_ROOT_KEY_FILE", str(tmp_path / "away")),
        start=lambda: monkeypatch.delenv("VICTIMCARE_ROOT_KEY_FILE"),
        secrets=[first, second],
    )


def of_vault(tmp_path, monkeypatch):
    standing_in = Vault(tmp_path)
    (tmp_path / "token").write_text(TOKEN + "\n")
    monkeypatch.setenv("VAULT_ADDR", standing_in.address)
    monkeypatch.setenv("VAULT_CACERT", str(standing_in.ca_file))
    monkeypatch.setenv("VICTIMCARE_VAULT_TOKEN_FILE", str(tmp_path / "token"))
    yield Source(
        vault.from_environment,
        rotate=lambda: standing_in.keys.append(os.urandom(KEY_BYTES)),
        stop=lambda: setattr(standing_in, "down", True),
        start=lambda: setattr(standing_in, "down", False),
        secrets=[*standing_in.keys, TOKEN.encode()],
    )
    standing_in.close()


def test_what_was_wrapped_is_unwrapped(source):
    one, other = source.provider(), source.provider()
    wrapped = one.wrap(KEY, CONTEXT)
    assert KEY not in wrapped
    assert one.wrap(KEY, CONTEXT) != wrapped
    assert other.unwrap(wrapped, CONTEXT, one.key_id) == KEY


def test_the_key_has_a_name_that_a_row_can_hold(source):
    name = source.provider().key_id
    assert name == source.provider().key_id
    assert 0 < len(name) <= 32
    assert name.isascii()


def test_it_is_unwrapped_for_what_it_is_used_for_only(source):
    provider = source.provider()
    wrapped = provider.wrap(KEY, CONTEXT)
    with pytest.raises(KeyUnavailable):
        provider.unwrap(wrapped, b"victimcare:state-key:BR", provider.key_id)


def test_what_was_changed_or_cut_is_not_unwrapped(source):
    provider = source.provider()
    wrapped = provider.wrap(KEY, CONTEXT)
    for at in range(0, len(wrapped), 7):
        for wrong in (wrapped[:at], wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :]):
            with pytest.raises(KeyUnavailable):
                provider.unwrap(wrong, CONTEXT, provider.key_id)


def test_after_a_rotation_the_old_one_unwraps_and_the_new_one_wraps(source):
    before = source.provider()
    old, wrapped = before.key_id, before.wrap(KEY, CONTEXT)
    source.rotate()
    after = source.provider()
    assert after.key_id != old
    assert after.unwrap(wrapped, CONTEXT, old) == KEY
    anew = after.wrap(KEY, CONTEXT)
    # A process that runs since before learns of the new one by itself.
    assert before.unwrap(anew, CONTEXT, after.key_id) == KEY


def test_it_is_away_and_comes_back_by_itself(source):
    provider = source.provider()
    wrapped, name = provider.wrap(KEY, CONTEXT), provider.key_id
    source.stop()
    # By a process that starts now, or that meets a key for the first time.
    with pytest.raises(KeyUnavailable):
        source.provider().unwrap(wrapped, CONTEXT, name)
    with pytest.raises(KeyUnavailable):
        provider.unwrap(wrapped, CONTEXT, "another")
    source.start()
    assert provider.unwrap(wrapped, CONTEXT, name) == source.provider().unwrap(wrapped, CONTEXT, name) == KEY


def test_no_key_stands_in_words(source, caplog):
    provider = source.provider()
    wrapped = provider.wrap(KEY, CONTEXT)
    with pytest.raises(KeyUnavailable) as caught:
        provider.unwrap(wrapped[:-1], CONTEXT, provider.key_id)
    said = [repr(provider), str(caught.value), repr(caught.value), caplog.text]
    for secret in (*source.secrets, KEY):
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert not any(form in words.encode() for words in said)


# -- Vault ---------------------------------------------------------------------------------------------------


@pytest.fixture
def standing_in(tmp_path):
    made = Vault(tmp_path)
    (tmp_path / "token").write_text(TOKEN)
    yield made
    made.close()


def client(standing_in, tmp_path, **changed):
    asked = {"ca_file": str(standing_in.ca_file), "key": "victimcare", "mount": "transit"} | changed
    return vault.VaultTransit(standing_in.address, str(tmp_path / "token"), **asked)


def test_vaults_certificate_is_verified(standing_in, tmp_path):
    with pytest.raises(KeyUnavailable):
        client(standing_in, tmp_path, ca_file=None).wrap(KEY, CONTEXT)
    assert standing_in.asked == []


def test_vault_is_not_asked_in_clear():
    with pytest.raises(ImproperlyConfigured, match="must begin with https"):
        vault.VaultTransit("http://127.0.0.1", "token", ca_file=None, key="victimcare", mount="transit")


def test_vaults_token_goes_nowhere_else(standing_in, tmp_path):
    standing_in.moved = True
    with pytest.raises(KeyUnavailable):
        client(standing_in, tmp_path).wrap(KEY, CONTEXT)
    assert standing_in.asked == ["/v1/transit/encrypt/victimcare"]


def test_vaults_token_is_read_anew(standing_in, tmp_path):
    provider = client(standing_in, tmp_path)
    (tmp_path / "token").write_text("ended")
    with pytest.raises(KeyUnavailable, match=r"^Vault answers with 403\.$"):
        provider.wrap(KEY, CONTEXT)
    (tmp_path / "token").write_text(TOKEN)
    assert provider.wrap(KEY, CONTEXT)
    (tmp_path / "token").unlink()
    with pytest.raises(KeyUnavailable, match="token cannot be read"):
        provider.wrap(KEY, CONTEXT)


def test_vault_that_was_not_configured(monkeypatch):
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Set VAULT_ADDR"):
        vault.from_environment()


@pytest.mark.parametrize("missing", ["VAULT_ADDR", "VICTIMCARE_VAULT_TOKEN_FILE"])
def test_vault_that_was_configured_by_half(monkeypatch, missing):
    monkeypatch.setenv("VAULT_ADDR", "https://127.0.0.1")
    monkeypatch.setenv("VICTIMCARE_VAULT_TOKEN_FILE", "token")
    monkeypatch.delenv(missing)
    with pytest.raises(ImproperlyConfigured, match="Set VAULT_ADDR"):
        vault.from_environment()


def test_vaults_key_and_mount_are_those_of_the_environment(standing_in, tmp_path, monkeypatch):
    monkeypatch.setenv("VAULT_ADDR", standing_in.address + "/")
    monkeypatch.setenv("VAULT_CACERT", str(standing_in.ca_file))
    monkeypatch.setenv("VICTIMCARE_VAULT_TOKEN_FILE", str(tmp_path / "token"))
    for key, mount in (("", ""), ("other", "elsewhere")):
        for name, value in (("KEY", key), ("MOUNT", mount)):
            if value:
                monkeypatch.setenv(f"VICTIMCARE_VAULT_{name}", value)
        with suppress(KeyUnavailable):
            vault.from_environment().wrap(KEY, CONTEXT)
    assert standing_in.asked == ["/v1/transit/encrypt/victimcare", "/v1/elsewhere/encrypt/other"]


@pytest.mark.parametrize("changed", [{"key": "a/b"}, {"mount": "../sys"}, {"key": ""}, {"mount": "x" * 17}])
def test_a_name_that_leads_elsewhere_in_vault_is_refused(standing_in, tmp_path, changed):
    with pytest.raises(ImproperlyConfigured, match="up to 16 letters"):
        client(standing_in, tmp_path, **changed)


@pytest.mark.parametrize("answer", [["plaintext"], "plaintext", None, {"plaintext": "%%%"}, {}])
def test_vault_that_answers_something_else(standing_in, tmp_path, monkeypatch, answer):
    provider = client(standing_in, tmp_path)
    wrapped = provider.wrap(KEY, CONTEXT)
    monkeypatch.setattr(standing_in, "answer", lambda path, body: answer)
    with pytest.raises(KeyUnavailable):
        provider.unwrap(wrapped, CONTEXT, "vault:victimcare:1")


def test_what_vault_never_wrote_is_not_sent_to_it(standing_in, tmp_path):
    with pytest.raises(KeyUnavailable, match="did not unwrap"):
        client(standing_in, tmp_path).unwrap(b"\xff", CONTEXT, "vault:victimcare:1")
    assert standing_in.asked == []


def test_vaults_key_is_named_with_its_latest_version(standing_in, tmp_path):
    standing_in.keys.append(os.urandom(KEY_BYTES))
    assert client(standing_in, tmp_path).key_id == "vault:victimcare:2"


# -- A file or the environment -------------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch):
    """`told(root key, old ones)` in the environment."""

    def told(present, old=None):
        for name, value in (("VICTIMCARE_ROOT_KEY", present), ("VICTIMCARE_OLD_ROOT_KEYS", old)):
            monkeypatch.delenv(f"{name}_FILE", raising=False)
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)

    return told


def text(number, size=KEY_BYTES):
    return base64.b64encode(bytes([number]) * size).decode()


@pytest.mark.parametrize("wrong", ["no base64", text(1, 31), text(1, 33), text(1)[:-1], text(1) + "!"])
def test_a_root_key_that_is_none_is_refused(told, wrong):
    for present, old in ((wrong, None), (text(1), wrong)):
        told(present, old)
        with pytest.raises(ImproperlyConfigured, match="must be 32 bytes"):
            roots.from_environment()


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_product_without_a_root_key_says_what_to_set(told, nothing):
    told(nothing)
    with pytest.raises(ImproperlyConfigured, match="Set VICTIMCARE_ROOT_KEY_FILE"):
        roots.from_environment()


def test_several_old_root_keys_unwrap_and_the_present_one_wraps(told):
    wrapped = {}
    for number in (1, 2, 3):
        told(text(number))
        wrapped[roots.from_environment().key_id] = roots.from_environment().wrap(KEY, CONTEXT)
    told(text(3), f"{text(1)}\n{text(2)}\n")
    provider = roots.from_environment()
    assert provider.key_id == list(wrapped)[-1]
    assert [provider.unwrap(blob, CONTEXT, name) for name, blob in wrapped.items()] == [KEY] * 3
    with pytest.raises(KeyUnavailable, match="not the one that wrapped"):
        provider.unwrap(wrapped[provider.key_id], CONTEXT, "unknown")


def test_a_running_process_whose_root_key_was_spoilt_says_so(told):
    told(text(1))
    provider = roots.from_environment()
    told("spoilt")
    with pytest.raises(KeyUnavailable, match="must be 32 bytes"):
        provider.unwrap(b"", CONTEXT, "unknown")


def test_a_provider_that_is_not_there(settings):
    settings.ROOT_KEY_PROVIDER = "victimcare.encryption.nowhere.provider"
    roots.root_key.cache_clear()
    with pytest.raises(ImproperlyConfigured, match="VICTIMCARE_ROOT_KEY_PROVIDER is neither"):
        checks.require()
    roots.root_key.cache_clear()


# -- The product without its root key ------------------------------------------------------------------------


class Away:
    """A provider that does not answer for now."""

    key_id = "away"

    def wrap(self, key, context):
        raise KeyUnavailable("Away.")

    def unwrap(self, wrapped, context, key_id):
        raise KeyUnavailable("Away.")


@pytest.fixture
def away(monkeypatch):
    """`with`out the root key, in a process that has not unwrapped any key yet."""
    real = roots.root_key()

    def is_away(yes):
        keyring.state_cipher.cache_clear()
        monkeypatch.setattr(keyring, "root_key", lambda: Away() if yes else real)

    yield is_away
    is_away(False)


def test_pages_answer_503_write_nothing_and_recover(world, login, away, caplog):
    browser = login(world.caseworker)
    page, form = reverse("cases:case", args=[world.case.pk]), reverse("cases:note_add", args=[world.case.pk])
    before = Note.objects.count()
    away(True)
    with caplog.at_level(logging.ERROR):
        shown = browser.get(page)
    assert (shown.status_code, shown.headers["Retry-After"]) == (503, "30")
    assert "locked for the moment" in shown.content.decode()
    assert "The root key cannot be had" in caplog.text
    note = {"kind": "contact", "text": "Words"}
    fields = note_form(browser, form)
    assert browser.post(form, fields | note).status_code == 503
    assert Note.objects.count() == before
    away(False)
    assert browser.get(page).status_code == 200
    assert browser.post(form, note_form(browser, form) | note).status_code == 302
    assert Note.objects.count() == before + 1


def note_form(browser, address):
    """The hidden fields of the form, which needs no key."""
    import re

    page = browser.get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_a_new_state_without_its_root_key_has_no_key(world, away):
    away(True)
    with pytest.raises(KeyUnavailable):
        factories.subject_key(world.agency)
    away(False)
    assert factories.subject_key(world.agency).version == 1
