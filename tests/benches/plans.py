"""What the database's planner says of a statement, and which plans are bad at the size of a member state."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.benches.seed import FILLED
from tests.prepared import in_words

# Tables that grow with the cases. A scan of one of them from end to end takes longer each year.
LARGE = re.compile(
    r"^(cases_\w+|referrals_(historical)?(referral|packet)"
    r"|certification_(historical)?(application|certificate|practitioner)"
    r"|victimcare_(accessentry|step))$"
)
SUBPLANS = re.compile(r"hashed (SubPlan \d+)")
# `sees_` functions stand last in their policies: they are asked of rows that nothing else opened, and in a
# list the first wall asks for none of these. `is_locked` is one look into the index of ties.
PER_ROW = re.compile(r"\bapp\.(?!sees_|is_locked)\w+\(")

Plan = dict[str, Any]


@contextmanager
def planned() -> Iterator[dict[str, list[Plan]]]:
    """Every query that runs inside with its plans, explained on the spot: in the same role and scope."""
    plans: dict[str, list[Plan]] = {}
    busy = False

    def explain(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal busy
        result = execute(sql, params, many, context)
        if busy:
            return result
        words, asked = in_words(sql)
        if asked.startswith(("SELECT", "EXECUTE")) and words not in plans:
            busy = True
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (FORMAT JSON) {asked}", params)
                    plans[words] = cursor.fetchone()[0]
            finally:
                busy = False
        return result

    # First, so that it sees the statement without role and scope, which its own goes through again.
    connection.execute_wrappers.insert(0, explain)
    try:
        yield plans
    finally:
        connection.execute_wrappers.remove(explain)


def faults(plans: dict[str, list[Plan]]) -> list[str]:
    """In words, with the statement."""
    return [f"{fault}\n{sql}\n{json.dumps(plan)}" for sql, plan in plans.items() for fault in faults_of(plan)]


def faults_of(plan: list[Plan]) -> Iterator[str]:
    nodes = list(_nodes(plan[0]["Plan"]))
    subplans = {node["Subplan Name"]: node for node in nodes if "Subplan Name" in node}
    for node in nodes:
        table = node.get("Relation Name", "")
        if LARGE.match(table) and table not in FILLED:
            yield f"reads {table}, which the data set leaves empty: nothing is known of its plan"
        if node["Node Type"] == "Seq Scan" and LARGE.match(table):
            yield f"reads all of {table}"
        condition = " ".join(str(node.get(name, "")) for name in ("Filter", "Join Filter", "Hash Cond"))
        if PER_ROW.search(condition):
            yield f"calls a function for each row of {table}"
        for name in SUBPLANS.findall(condition):
            if inner := _large_tables(subplans[name]):
                yield f"filters {table} by a hashed sub-plan over {', '.join(inner)}"


def _large_tables(plan: Plan) -> list[str]:
    tables = {node.get("Relation Name", "") for node in _nodes(plan)}
    return sorted(table for table in tables if LARGE.match(table))


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
