"""What there is of keys, and second factors under the root key."""

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from tests import factories
from victimcare import actions
from victimcare.encryption import keyring, renewal, rotation, second_factors, status
from victimcare.encryption.roots import KeyUnavailable, LocalRootKeys
from victimcare.models import StateKey, SubjectKey

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def of(state):
    [found] = [one for one in status.states() if one.state == state.pk]
    return found


def counted(state):
    found = of(state)
    return found.subject_keys, found.erased, found.old_versions, found.under_old, found.to_renew


def test_keys_of_a_state_are_counted_by_what_is_left_to_do(world):
    state = world.agency.member_state
    one, two, erased = (factories.subject_key(world.agency) for _number in range(3))
    actions.own_key(world.agency)
    factories.subject_key(world.agency_br)
    SubjectKey.objects.filter(pk=erased.pk).update(
        wrapped=None, destroyed_at=timezone.now(), destroyed_by=world.admin
    )
    assert (of(state).version, of(state).minimum, of(state).other_root) == (1, 1, 0)
    assert counted(state) == (4, 1, 0, 0, 0)
    newest = rotation._successor(state)
    assert (of(state).version, of(state).minimum) == (2, 1)
    assert counted(state) == (4, 1, 1, 4, 3)
    assert rotation.rotate_state(state) == (2, 4)
    assert (of(state).version, of(state).minimum) == (2, 2)
    assert counted(state) == (4, 1, 0, 0, 3)
    assert renewal.reencrypt(state) == renewal.Renewed(keys=3)
    assert counted(state) == (4, 1, 0, 0, 0)
    for key in (one, two):
        stored = SubjectKey.objects.get(pk=key.pk)
        assert (stored.version, stored.made_under, stored.state_key) == (2, 2, newest)
    assert counted(world.agency_br.member_state) == (1, 0, 0, 0, 0)


def test_states_without_a_key_are_not_told_and_the_others_in_order(world):
    factories.subject_key(world.agency_br)
    factories.subject_key(world.agency)
    told = [one.state for one in status.states()]
    assert told == sorted(told)
    assert {"AR", "BR"} <= set(told)
    assert "CA" not in told


def test_a_state_key_under_another_root_is_told(world):
    factories.subject_key(world.agency)
    StateKey.objects.filter(member_state="AR").update(root_key_id="another")
    assert of(world.state).other_root == 1


# -- Second factors ------------------------------------------------------------------------------------------


@pytest.fixture
def root(monkeypatch):
    """`root(NEW, OLD)` puts root keys in place, the present one first."""
    known = [OLD]
    provider = LocalRootKeys(lambda: known)
    for module in (second_factors, rotation, keyring):
        monkeypatch.setattr(module, "root_key", lambda: provider)

    def changed(*keys):
        known[:] = keys
        provider._learn()
        return provider

    return changed


def test_a_second_factor_names_its_root_key_and_not_its_secret(root):
    provider = root(OLD)
    stored = second_factors.wrapped("JBSWY3DP")
    name, blob = stored.split(":")
    assert name == provider.key_id
    assert provider.unwrap(bytes.fromhex(blob), b"victimcare:second-factor", name) == b"JBSWY3DP"
    assert second_factors.unwrapped(stored) == "JBSWY3DP"


@pytest.mark.parametrize("wrong", ["JBSWY3DP", "name:no hexadecimal", ""])
def test_what_the_product_did_not_wrap_is_no_second_factor(root, wrong):
    with pytest.raises(KeyUnavailable):
        second_factors.unwrapped(wrong)


def test_every_secret_of_a_second_factor_goes_to_the_new_root_and_nothing_else(root):
    secret, codes = second_factors.wrapped("ABCD"), [second_factors.wrapped("1"), second_factors.wrapped("2")]
    data = {"secret": secret, "migrated_codes": codes, "used_mask": 5, "name": "her phone"}
    assert second_factors.rewrapped(data) == data
    provider = root(NEW, OLD)
    anew = second_factors.rewrapped(data)
    assert {name: anew[name] for name in ("used_mask", "name")} == {"used_mask": 5, "name": "her phone"}
    assert anew["secret"].startswith(provider.key_id)
    root(NEW)
    assert second_factors.unwrapped(anew["secret"]) == "ABCD"
    assert [second_factors.unwrapped(one) for one in anew["migrated_codes"]] == ["1", "2"]


def test_a_rotation_of_the_root_counts_what_it_wrapped(world, root):
    for user in (world.caseworker, world.supervisor):
        Authenticator.objects.create(
            user=user, type="totp", data={"secret": second_factors.wrapped("ABCD"), "name": "phone"}
        )
    for place in (factories.organization("CA"), world.agency):
        factories.subject_key(place)
    assert rotation.rotate_root() == (0, 0)
    provider = root(NEW, OLD)
    assert rotation.rotate_root() == (2, 2)
    assert set(StateKey.objects.values_list("root_key_id", flat=True)) == {provider.key_id}
    assert {factor.data["name"] for factor in Authenticator.objects.all()} == {"phone"}
    assert rotation.rotate_root() == (0, 0)
