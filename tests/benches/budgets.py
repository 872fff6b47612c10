"""What a page may cost at most, in what does not depend on the machine. Who makes a page cheaper lowers its
line here; who needs more says in the commit what for.

Buffers are those of the data set of `test_plans.py`, with some room: where its rows lie is not always alike.
"""

from dataclasses import dataclass

from tests.benches.pages import NAMED, Page

SEARCHED = {key: NAMED[key] for key in ("given_names", "surnames", "birth")}
KIND = "service_kind=shelter"


@dataclass(frozen=True)
class Budget:
    page: Page
    queries: int
    buffers: int
    bytes: int

    def __str__(self) -> str:
        return str(self.page)


BUDGETS = (
    #                                                                       queries  buffers    bytes
    Budget(Page("home", "200"),                                                 12,     6_600,   16_000),
    Budget(Page("home", "supervisor"),                                          18,    28_000,   19_000),
    Budget(Page("cases:caseload", "200"),                                        9,     4_200,   45_000),
    Budget(Page("cases:caseload", "30"),                                         9,     1_000,   21_000),
    Budget(Page("cases:caseload", "supervisor"),                                12,     2_600,   50_000),
    Budget(Page("cases:caseload", "200", post={"q": "Ximena Quispe"}),           6,       450,    9_500),
    Budget(Page("cases:case", "200", of="case"),                                20,       800,   23_000),
    Budget(Page("cases:search", "200", post=SEARCHED),                           8,       450,   12_000),
    Budget(Page("referrals:candidates", "200", KIND, of="case"),                12,     2_600,   28_000),
    Budget(Page("referrals:mine", "200"),                                        7,     2_600,   15_000),
    Budget(Page("referrals:inbox", "provider", "show=new"),                      9,       650,   29_000),
    Budget(Page("referrals:referral", "200", of="referral"),                    12,     2_600,   10_000),
    Budget(Page("referrals:directory", "200"),                                   6,       200,   28_000),
    Budget(Page("certification:queue", "officer"),                               7,     1_100,   40_000),
)  # fmt: skip
INTAKE = Budget(Page("cases:intake", "200"), 30, 1_100, 0)

# Lists ask as often for one row as for fifty, but for so many questions about rows of another kind among
# these: an applicant's institution in the queue.
LISTS = {
    Page("cases:caseload", "200"): 0,
    Page("cases:caseload", "supervisor"): 0,
    Page("referrals:mine", "200"): 0,
    Page("referrals:inbox", "provider", "show=new"): 0,
    Page("referrals:directory", "200"): 0,
    Page("certification:queue", "officer"): 1,
    Page("certification:register", "200"): 0,
    Page("certification:register_certificates", "officer"): 0,
}
