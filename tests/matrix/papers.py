"""What lies at certifying bodies in the world: applications in each state, and what was issued."""

from datetime import date
from typing import Any

from certification import actions
from certification.models import Application, Certificate, SchemeVersion
from tests import factories
from tests.certification import builders
from tests.matrix.cases import Thing
from tests.matrix.places import Canaries, MatrixPlaces
from victimcare import records
from victimcare.models import Organization, Role, User


class PaperMaker:
    def __init__(self, places: MatrixPlaces, canaries: Canaries, people: dict[str, Any]) -> None:
        self.places, self.canaries, self.people = places, canaries, people
        self.name = canaries.word("file.practitioner", "name")
        self.file = actions.open_file(
            places.body,
            by=people["practitioner"],
            legal_name=self.name,
            identity_number=canaries.word("file.practitioner", "name"),
        )
        self.scheme = builders.scheme(places.body)
        self.kind = factories.accreditation_kind(places.body, "legal_aid", requirements=[{"en": "A house"}])

    def applications(self) -> list[Thing]:
        """A person's at each step, an institution's, one of somebody else, one at another body."""
        found = [
            self.personal(name) for name in ("draft", "submitted", "under_review", "reviewed", "decided")
        ]
        found += [
            self.personal("reviewed_by_officer", "reviewed", reviewer="officer"),
            self.institutional("institution_draft", "draft"),
            self.institutional("institution", "submitted"),
            self.of_stranger("of_another", self.places.body, self.scheme),
            self.of_stranger(
                "other_body", self.places.other_body, builders.scheme(self.places.other_body, "b2")
            ),
            self.retired(),
        ]
        return found

    def personal(self, name: str, state: str = "", reviewer: str = "examiner") -> Thing:
        """The practitioner's own, at the body."""
        thing = f"application.{name}"
        by = self.people["practitioner"]
        draft = actions.apply_for_certificate(
            self.file, self.scheme, by=by, statement=self.canaries.word(thing, "statement")
        )
        return self._taken(thing, draft, state or name, reviewer)

    def institutional(self, name: str, state: str) -> Thing:
        thing = f"application.{name}"
        draft = actions.apply_for_accreditation(
            self.places.shelter,
            self.kind,
            by=self.people["provider"],
            statement=self.canaries.word(thing, "statement"),
        )
        return self._taken(thing, draft, state, "examiner")

    def of_stranger(self, name: str, body: Organization, scheme: SchemeVersion) -> Thing:
        """Of a practitioner who signs in nowhere in the matrix."""
        thing = f"application.{name}"
        by = factories.member(Role.PRACTITIONER, self.places.other_agency, None, f"stranger_{name}")
        file = actions.open_file(body, by=by, legal_name=self.canaries.word(thing, "name"))
        draft = actions.apply_for_certificate(
            file, scheme, by=by, statement=self.canaries.word(thing, "statement")
        )
        return self._noted(thing, actions.submit_application(draft, by=by))

    def retired(self) -> Thing:
        made = self.personal("retired", "submitted")
        made.record = records.retire(made.record, by=self.people["officer"])
        return made

    def _taken(self, thing: str, draft: Application, state: str, reviewer: str) -> Thing:
        """Through its steps until it is in the state."""
        by = self.people[reviewer]
        if state != "draft":
            draft = actions.submit_application(draft, by=draft.created_by)
        if state in {"under_review", "reviewed", "decided"}:
            draft = actions.start_review(draft, by=by)
        if state in {"reviewed", "decided"}:
            findings = self.canaries.word(thing, "findings")
            draft = actions.finish_review(draft, by=by, recommendation="approved", findings=findings)
        if state == "decided":
            draft = actions.decide(draft, by=self.people["officer"], decision="approved")
        return self._noted(thing, draft)

    def _noted(self, thing: str, application: Application) -> Thing:
        for text in (application.number, application.pk):
            self.canaries.add(text, thing, "number")
        marks = {application.status} | ({"unsent"} if application.status == "draft" else set())
        return Thing(thing, application, marks)

    # -- What was issued ------------------------------------------------------------------------------------

    def certificates(self, decided: Application) -> list[Thing]:
        """The one that was decided on, a suspended one, one of another body, one that was retired."""
        mine = decided.certificate
        self.canaries.add(self.name, "certificate.mine", "name")
        suspended = self._certificate("suspended", self.places.body, self.people["practitioner"])
        actions.suspend(suspended, by=self.people["officer"], reason="complaint")
        stranger = factories.member(Role.PRACTITIONER, self.places.other_agency, None, "stranger_certified")
        other = self._certificate("other_body", self.places.other_body, stranger)
        gone = self._certificate("retired", self.places.body, stranger)
        records.retire(gone, by=self.people["officer"])
        named = {"mine": mine, "suspended": suspended, "other_body": other, "retired": gone}
        return [self._issued(f"certificate.{name}", one.pk, type(one)) for name, one in named.items()]

    def _certificate(self, name: str, body: Organization, user: User) -> Certificate:
        version = builders.scheme(body, f"scheme-{name.replace('_', '-')}")
        made = builders.certificate(body, user, version, valid_until=date(2099, 1, 1))
        made.application.legal_name = self.canaries.word(f"certificate.{name}", "name")
        made.application.save()
        return made

    def accreditations(self) -> list[Thing]:
        places, officer = self.places, self.people["officer"]
        shelter = factories.accreditation(places.body, places.shelter)
        suspended = factories.accreditation(places.body, places.shelter, "psychological_support")
        actions.suspend(suspended, by=officer, reason="complaint")
        other = factories.accreditation(places.other_body, places.clinic)
        abroad = factories.accreditation(places.other_body, places.provider_abroad)
        gone = factories.accreditation(places.body, places.clinic, "psychological_support")
        records.retire(gone, by=officer)
        named = {"shelter": shelter, "suspended": suspended, "other_body": other, "retired": gone}
        assert abroad  # who is referred to abroad is accredited too
        return [self._issued(f"accreditation.{name}", one.pk, type(one)) for name, one in named.items()]

    def offer_abroad(self) -> Any:
        return factories.service_at_location(self.places.provider_abroad)

    def _issued(self, thing: str, pk: Any, model: type[Any]) -> Thing:
        record = model._base_manager.get(pk=pk)
        if thing.endswith(".retired"):
            self.canaries.add(record.number, thing, "taken_away")
        return Thing(thing, record, {record.status})
