from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = _("Referrals")

    def ready(self) -> None:
        self._take_part()
        self._listen()
        self._tell_people()
        self._tell_auditors()
        self._tell_register()

    def _take_part(self) -> None:
        """In the menu, on the home page and on the case page."""
        from cases import sections, timeline
        from referrals import directory, inbox, sent, story
        from referrals.access import DIRECTORY, KINDS, PERMISSIONS, WATCH
        from victimcare import access, navigation

        access.register(PERMISSIONS, KINDS)
        navigation.add_menu(_("My referrals"), "referrals:mine", permission="referrals.send", order=25)
        navigation.add_menu(_("Inbox"), "referrals:inbox", permission="referrals.answer", order=30)
        navigation.add_menu(_("Directory"), "referrals:directory", permission=DIRECTORY, order=40)
        navigation.add_panel(
            "referrals/parts/panel_inbox.html", inbox.new_in_inbox, permission="referrals.answer", order=30
        )
        navigation.add_panel(
            "referrals/parts/panel_sent.html", sent.panel, permission="referrals.send", order=40
        )
        navigation.add_panel(
            "referrals/parts/panel_places.html", directory.not_counted_lately, permission=WATCH, order=60
        )
        sections.add_section(
            "referrals/parts/section.html",
            story.section,
            order=5,
            title=_("Referrals"),
            add=_("Find a provider"),
        )
        timeline.add_source(story.timeline)

    def _listen(self) -> None:
        from cases import erasing
        from cases.actions import consents, erasures, ties, workflow
        from certification.actions import credential_lapsed
        from referrals import disclosed, packets, receivers, story
        from victimcare.actions import membership_ended
        from victimcare.encryption import emptied

        credential_lapsed.connect(receivers.credential_lapsed, dispatch_uid="referrals.credential_lapsed")
        consents.consent_withdrawn.connect(
            receivers.consent_withdrawn, dispatch_uid="referrals.consent_withdrawn"
        )
        erasures.person_erasing.connect(receivers.person_erasing, dispatch_uid="referrals.person_erasing")
        erasures.named_erasing.connect(receivers.named_erasing, dispatch_uid="referrals.named_erasing")
        erasures.named_withdrawing.connect(
            receivers.named_withdrawing, dispatch_uid="referrals.named_withdrawing"
        )
        ties.place_tied.connect(receivers.place_tied, dispatch_uid="referrals.place_tied")
        erasing.add_recipients(disclosed.recipients)
        erasing.add_recipients(disclosed.told_the_name)
        emptied.add("referrals.Packet", packets.emptied, packets.named_in)
        membership_ended.connect(receivers.membership_ended, dispatch_uid="referrals.membership_ended")
        workflow.closure_blockers.append(story.unanswered)

    def _tell_people(self) -> None:
        from referrals import notices, tasks
        from victimcare import jobs

        notices.register()
        jobs.declare(
            "clocks of referrals",
            _("Referrals that nobody answered expire"),
            tasks.expire_due,
            every=timedelta(minutes=5),
        )

    def _tell_auditors(self) -> None:
        from referrals import audited
        from victimcare import reading, worksheet

        reading.name_objects(audited.OBJECTS)
        worksheet.add_readable(audited.readable)

    def _tell_register(self) -> None:
        from referrals import retention
        from victimcare import field_register

        field_register.tell(retention.KEPT)
        for label, names in retention.IN_PACKETS.items():
            field_register.exported(label, names, retention.PACKET)
