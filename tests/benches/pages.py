"""The product's list pages and who opens them. A list that is not here makes the guard of plans fail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.benches.seed import Seeded


@dataclass(frozen=True)
class Page:
    """`by` names a user of the data set, `of` a seeded record whose page it is."""

    name: str
    by: str
    query: str = ""
    post: dict[str, str] = field(default_factory=dict, hash=False)
    of: str = ""
    # Whether a second page is opened too.
    next: bool = False

    def __str__(self) -> str:
        return " ".join(
            part for part in (self.name, self.by, self.query, "post" if self.post else "") if part
        )

    def open(self, client: Client, seeded: Seeded) -> Any:
        url = reverse(self.name, args=[seeded.pk(self.of)] if self.of else [])
        response = client.post(url, self.post) if self.post else client.get(f"{url}?{self.asked(seeded)}")
        assert response.status_code == 200, f"{self}: {response.status_code}"
        if self.next:
            following = response.context["next_url"]
            assert following, f"{self} has no second page."
            assert client.get(following).status_code == 200
        return response

    def asked(self, seeded: Seeded) -> str:
        """The query; `known` stands for a worker of the supervisor's team."""
        return self.query.replace("known", str(seeded.users["30"].pk))


WORKERS = ("200", "30", "0", "supervisor")
ROLES = (
    *WORKERS, "provider", "officer", "examiner", "coordinator", "auditor", "admin", "analyst", "practitioner",
)  # fmt: skip
SPAN = "since=2019-12-01&until=2030-01-01"
NAMED = {"given_names": "Ximena", "surnames": "Quispe", "birth": "1990", "phone": "+541155550101"}

PAGES = [
    *(Page("home", by) for by in ROLES),
    *(Page("cases:caseload", by) for by in WORKERS),
    *(Page("cases:caseload", by, f"status={status}") for by in WORKERS for status in ("all", "closed")),
    *(Page("cases:caseload", by, "status=all", next=True) for by in ("200", "supervisor")),
    Page("cases:caseload", "supervisor", "worker=nobody"),
    Page("cases:caseload", "supervisor", "worker=known"),
    *(Page("cases:caseload", by, post={"q": "Ximena Quispe"}) for by in WORKERS),
    *(Page("cases:caseload", by, post={"q": "7K4M-Q2XR-9"}) for by in ("200", "supervisor")),
    *(Page("cases:search", by, post=NAMED) for by in WORKERS),
    Page("cases:erasures", "supervisor"),
    *(Page("cases:emergencies", "supervisor", query) for query in ("", "closed=1")),
    *(Page("notifications:list", by) for by in ("200", "supervisor", "provider", "officer")),
    Page("sessions", "200"),
    Page("work:list", "admin"),
    *(Page("referrals:mine", by) for by in WORKERS),
    *(
        Page("referrals:mine", by, f"show={tab}")
        for by in ("200", "supervisor")
        for tab in ("todo", "waiting", "running", "ended")
    ),
    Page("referrals:mine", "supervisor", "show=ended", next=True),
    *(Page("referrals:inbox", "provider", f"show={tab}") for tab in ("new", "waiting", "running", "ended")),
    Page("referrals:inbox", "provider", "show=ended", next=True),
    *(Page("referrals:directory", by) for by in ("200", "provider", "coordinator")),
    Page("referrals:directory", "200", "kind=shelter"),
    Page("certification:mine", "practitioner"),
    Page("certification:mine", "provider"),
    *(Page("certification:queue", by) for by in ("officer", "examiner")),
    Page("certification:queue", "officer", "show=decide"),
    Page("certification:queue", "officer", next=True),
    *(
        Page(f"certification:{name}", by)
        for by in ("200", "officer")
        for name in ("register", "register_certificates")
    ),
    Page("certification:schemes", "officer"),
    Page("certification:register_certificates", "officer", next=True),
    Page("members:list", "admin"),
    *(Page("access_log", by, f"account=known&{SPAN}") for by in ("auditor", "supervisor")),
    # Of one record, with lists on them.
    *(Page("cases:case", by, of=of) for by, of in (("200", "case"), ("supervisor", "case_of_team"))),
    Page("cases:notes", "200", of="case"),
    *(Page("cases:log", by, of="case") for by in ("200", "auditor")),
    Page("referrals:candidates", "200", "service_kind=shelter", of="case"),
    Page("referrals:referral", "200", of="referral"),
    Page("certification:application", "officer", of="institution"),
]

# Pages without a record in the address that list nothing of what grows: forms, steps, and others' code.
NO_LISTS = frozenset({
    "cases:ask",
    # Those that wait for an answer: few, by an index of these alone.
    "cases:requests",
    "cases:intake", "referrals:service_add", "certification:apply", "certification:apply_for_institution",
    "healthz", "leave", "language", "members:add", "cases:log_search",
    # A report over years, measured by `make bench-log`.
    "breach", "breach_file",
    # Buttons and forms of their own.
    "cases:emergency_find", "members:invite", "notifications:read", "notifications:choices",
    "sessions_end_others",
})  # fmt: skip
OTHERS = ("account_", "mfa_")


def lists_of_the_product() -> set[str]:
    """The names of all pages without a record in the address."""
    return {name for name in all_without_record() if not name.startswith(OTHERS)} - NO_LISTS


def all_without_record() -> set[str]:
    return set(_names(get_resolver()))


def _names(resolver: URLResolver, space: str = "", inside: bool = False) -> Iterator[str]:
    for one in resolver.url_patterns:
        of_record = inside or bool(one.pattern.converters)
        if isinstance(one, URLResolver):
            yield from _names(one, f"{space}{one.namespace}:" if one.namespace else space, of_record)
        elif isinstance(one, URLPattern) and not of_record:
            yield f"{space}{one.name}"
