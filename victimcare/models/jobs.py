"""When periodic jobs run: see victimcare/jobs.py."""

from django.db import models


class Schedule(models.Model):
    """One periodic job: when it is due, and when it was last handed to the queue."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
