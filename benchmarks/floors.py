"""What the product's pages are measured against: an empty page, and the caseload's rows as a plain Django
page shows them, from one table without encryption, row security or access log.
"""

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Made by the owner when the bench begins, as large as the table of cases. `%s` is the application's role.
TABLE = """
DROP TABLE IF EXISTS bench_plain;
CREATE TABLE bench_plain AS
SELECT held.id, held.number, 'Ximena Quispe Invented' AS person, 'Victim of violence' AS kind, held.status,
       held.urgency, held.opened_on, granted.user_id AS worker_id
  FROM cases_case held JOIN cases_casegrant granted ON granted.content_object_id = held.id
 WHERE granted.scope_codename = 'work_on_case';
CREATE INDEX ON bench_plain (worker_id, opened_on DESC, id);
GRANT SELECT ON bench_plain TO "%s";
ANALYZE bench_plain;
"""


class Plain(models.Model):
    id = models.UUIDField(primary_key=True)
    number = models.TextField()
    person = models.TextField()
    kind = models.TextField()
    status = models.TextField()
    urgency = models.TextField()
    opened_on = models.DateField()
    worker_id = models.UUIDField()
    objects = models.Manager["Plain"]()

    class Meta:
        managed = False
        app_label, db_table = "benchmarks", "bench_plain"


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def plain(request: HttpRequest) -> HttpResponse:
    rows = Plain.objects.filter(worker_id=request.user.pk).order_by("-opened_on", "id")[:50]
    return render(request, "benchmarks/plain.html", {"rows": rows})
