"""What lies on the disk is read for decades: the bytes of keys, values and MACs stay as they were."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from victimcare.encryption import ciphers, roots
from victimcare.encryption.ciphers import Place, Row, Unreadable
from victimcare.encryption.fields import EncryptedDateField, EncryptedJSONField, EncryptedTextField
from victimcare.encryption.keyring import OpenKey

KEY = bytes(range(32))
RECORD, KEY_ID, VERSION = UUID(int=1), UUID(int=2), 3
PLACE = Place("cases.Person", "surnames", RECORD)
# Written down once: `surnames` of a person, sealed under the key itself.
BLOB = bytes.fromhex("0100030000000000000000000000005fc9dcadc5495b7554cd3a9e07138057463e4c894b9d")


def test_keys_are_derived_for_each_purpose_as_they_were():
    assert ciphers.derive(KEY, "fields").hex() == (
        "460eb91b47264615a64fae9aaa405b36351c1c497ced76162fe5369214ade2e2"
    )


@given(st.binary(min_size=1, max_size=64), st.text(st.characters(codec="utf-8"), max_size=60))
def test_keys_are_derived_as_the_standard_says(key, purpose):
    """By another's implementation of RFC 5869."""
    info = b"victimcare:" + purpose.encode()
    assert ciphers.derive(key, purpose) == HKDF(SHA256(), length=32, salt=None, info=info).derive(key)


def test_a_subject_key_gives_its_purposes_these_keys():
    key = OpenKey(KEY, VERSION)
    assert key.derived("fields") == ciphers.derive(KEY, "fields")
    assert key.derived_row() == ciphers.derive(KEY, "row")


def test_a_stored_value_is_read_in_its_place():
    assert PLACE.associated_data(KEY_ID, VERSION) == (
        b"victimcare:cases.Person:surnames:"
        b"00000000000000000000000000000001:00000000000000000000000000000002:3"
    )
    assert ciphers.unseal(AESGCM(KEY), BLOB, PLACE, KEY_ID, VERSION) == b"Quispe"
    assert ciphers.version_of(BLOB) == ciphers.version_of(BLOB[:3]) == VERSION


def test_a_stored_mac_is_that_of_its_row():
    row = Row("cases.Person", ciphers.owner(RECORD, KEY_ID, VERSION), 7)
    blobs = {"surnames": BLOB, "given_names": ciphers.header(VERSION) + b"x"}
    assert ciphers.mac(KEY, VERSION, row, blobs).hex() == (
        "0100032ee037c3f7f3aa750dc6e2fa6a5c81432d56ad23f5efe3655f691b6a71378fb3"
    )


def test_a_mac_never_mixes_versions():
    row = Row("cases.Person", ciphers.owner(RECORD, KEY_ID, 4), 7)
    with pytest.raises(Unreadable):
        ciphers.mac(KEY, 4, row, {"surnames": BLOB})


def test_a_value_is_a_header_a_nonce_and_what_is_sealed():
    made = ciphers.seal(AESGCM(KEY), b"Quispe", PLACE, KEY_ID, VERSION)
    assert made[: ciphers.HEAD] == bytes.fromhex("010003")
    assert len(made) == ciphers.SHORTEST + len(b"Quispe")
    assert made != ciphers.seal(AESGCM(KEY), b"Quispe", PLACE, KEY_ID, VERSION)


def test_the_shortest_value_is_read():
    made = ciphers.seal(AESGCM(KEY), b"", PLACE, KEY_ID, VERSION)
    assert ciphers.unseal(AESGCM(KEY), made, PLACE, KEY_ID, VERSION) == b""


@pytest.mark.parametrize(
    "wrong", [BLOB[:0], BLOB[:5], BLOB[:-1], b"\2" + BLOB[1:], BLOB[:2] + b"\4" + BLOB[3:], BLOB + b"x"]
)
def test_what_was_cut_or_has_another_header_is_not_read(wrong):
    with pytest.raises(Unreadable):
        ciphers.unseal(AESGCM(KEY), wrong, PLACE, KEY_ID, VERSION)


@pytest.mark.parametrize("blob", [b"", b"\1\0", b"\2\0\3", b"\0\0\3"])
def test_what_has_no_header_of_ours_has_no_version(blob):
    with pytest.raises(Unreadable):
        ciphers.version_of(blob)


def test_a_root_key_has_the_name_that_it_had():
    root = roots.LocalRootKeys(lambda: [KEY, bytes(32)])
    assert root.key_id == "e2779f7c94dd33ec"


def test_values_are_written_as_they_were():
    assert EncryptedTextField(kind="identity").to_bytes("Ñandú") == "Ñandú".encode()
    assert EncryptedDateField(kind="identity").to_bytes("1985-03~") == b"1985-03~"
    assert EncryptedDateField(kind="identity").to_bytes("") == b""
    assert EncryptedJSONField(kind="identity").to_bytes({"a": ["ñ", 1]}) == '{"a":["ñ",1]}'.encode()


def test_each_kind_of_data_lies_under_the_key_of_its_purpose():
    assert EncryptedTextField(kind="identity").purpose == "fields"
    assert EncryptedTextField(kind="counselling").purpose == "counselling"


def test_a_migration_says_of_an_encrypted_field_what_it_is_and_no_more():
    field = EncryptedTextField("Family name", kind="identity", long=True)
    _name, path, args, kwargs = field.deconstruct()
    assert path == "victimcare.encryption.fields.EncryptedTextField"
    assert (args, kwargs) == ([], {"verbose_name": "Family name", "kind": "identity", "long": True})
    again = field.clone()
    assert (again.kind, again.purpose, again.long, again.base_label) == ("identity", "fields", True, "")
    assert (again.null, again.blank, again.default) == (True, True, "")
    assert "long" not in EncryptedTextField(kind="identity").deconstruct()[3]
