"""What a worker of the web server holds while it answers very many requests."""

from typing import Any

from benchmarks import pages
from benchmarks.load import Bench
from victimcare.local.problems import Problem

SLICE, WORKERS, PARTS = 200, 2, 10


def held(bench: Bench, requests: int) -> dict[str, Any]:
    """So many requests for each worker, page after page; the larger worker's memory after each tenth."""
    reading = [page for page in pages.PAGES if page.post != "intake"]
    found, asked = [], 0
    for number in range(1, PARTS + 1):
        while asked < requests * WORKERS * number / PARTS:
            bench.slice(reading[asked // SLICE % len(reading)], number, SLICE)
            asked += SLICE
        found.append(round(bench.web.largest_mb(), 1))
        print(f"After {asked // WORKERS:,} requests of each worker: {found[-1]} MB.", flush=True)
    if bench.wrong:
        raise Problem(f"{bench.wrong} requests were not answered as they should be.")
    return {"requests": asked // WORKERS, "tenths_mb": found}
