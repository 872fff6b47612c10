"""The product's own pages that are measured, who opens each, and what it must not pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """`by` and the words in braces of `path` are names of the data set's cast. `post` says what a form of
    this page is filled with: "searched", "typed" or "intake". `is_list` has at most 12 queries.
    """

    name: str
    by: str
    path: str
    post: str = ""
    is_list: bool = True

    def address(self, cast: Mapping[str, Any]) -> str:
        return self.path.format_map(cast)


PAGES = (
    Page("home", "worker", "/", is_list=False),
    Page("caseload", "worker", "/cases/"),
    Page("case", "worker", "/cases/{case}/", is_list=False),
    Page("search_before_create", "worker", "/cases/search/", post="searched", is_list=False),
    Page("free_search", "worker", "/cases/", post="typed"),
    # By somebody of whom no list is measured: each run leaves them more cases.
    Page("intake", "worker_30", "/cases/intake/", post="intake", is_list=False),
    Page(
        "candidates",
        "worker",
        "/referrals/cases/{case_for_candidates}/candidates/?service_kind={service_kind}",
    ),
    Page("inbox", "provider", "/referrals/inbox/"),
    Page("referral", "provider", "/referrals/{referral}/", is_list=False),
    Page("queue", "officer", "/certification/applications/"),
    Page("directory", "worker", "/referrals/directory/"),
)
FLOORS = (Page("empty", "worker", "/floor/empty/"), Page("plain", "worker", "/floor/plain/"))
# The same page with as little on it as there is: it may ask no fewer questions than the full one.
BARE = {"case": Page("case_bare", "worker", "/cases/{case_bare}/", is_list=False)}
