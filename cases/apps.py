from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases import (
            cards,
            document_sections,
            documents,
            erasing,
            notices,
            panels,
            record_sections,
            retention,
            tasks,
            timeline,
        )
        from cases.access import KINDS, PERMISSIONS, REVIEW_EMERGENCIES
        from victimcare import access, field_register, jobs, navigation
        from victimcare.encryption import checking, emptied, renewal

        field_register.tell(retention.KEPT, retention.TABLES)
        self._tell_auditors()
        access.register(PERMISSIONS, KINDS)
        navigation.add_menu(_("Cases"), "cases:caseload", permission="cases.work", order=10)
        navigation.add_menu(_("Find or open a case"), "cases:search", permission="cases.open", order=20)
        navigation.add_menu(
            _("Requests from elsewhere"), "cases:requests", permission="cases.supervise", order=25
        )
        navigation.add_menu(_("Erasures"), "cases:erasures", permission="cases.approve_erasure", order=28)
        navigation.add_menu(
            _("Emergency accesses"), "cases:emergencies", permission=REVIEW_EMERGENCIES, order=29
        )
        navigation.add_panel(
            "cases/parts/panel_emergencies.html", panels.emergencies, permission=REVIEW_EMERGENCIES, order=5
        )
        navigation.add_panel(
            "cases/parts/panel_waiting.html", panels.waiting, permission="cases.supervise", order=10
        )
        navigation.add_panel(
            "cases/parts/panel_mine.html", panels.my_cases, permission="cases.work", order=20
        )
        for source in (timeline.beginning, timeline.steps, timeline.assignments, timeline.counselling):
            timeline.add_source(source)
        record_sections.register()
        document_sections.register()
        notices.register()
        jobs.declare(
            "consents",
            _("Workers are told of consents that end soon"),
            tasks.tell_of_ending_consents,
            every=jobs.DAY,
            at=time(10),
        )
        jobs.declare(
            "emergencies",
            _("Reviewers are told of emergency accesses that wait for a review"),
            tasks.tell_of_unreviewed_emergencies,
            every=jobs.DAY,
            at=time(11),
        )
        self._listen()
        renewal.add_searched(cards.reseal)
        checking.add_beside(cards.unreadable)
        checking.add_beside(documents.unreadable)
        emptied.add("cases.Party", erasing.emptied, lambda party: [party.id])

    def _listen(self) -> None:
        from cases import receivers
        from victimcare.actions import membership_ended

        membership_ended.connect(receivers.membership_ended, dispatch_uid="cases.membership_ended")

    def _tell_auditors(self) -> None:
        from cases import audited
        from victimcare import navigation, reading, worksheet

        reading.name_objects(audited.OBJECTS)
        reading.add_references(audited.references)
        worksheet.add_readable(audited.readable)
        navigation.add_panel(
            "cases/parts/panel_log.html", lambda user: {}, permission="victimcare.audit", order=71
        )
        navigation.add_menu(_("Log of a case"), "cases:log_search", permission="victimcare.audit", order=72)
