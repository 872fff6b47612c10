"""`make static`: semgrep with the rules of this house. The product is clean, and every planted line is found.

`python tests/static/check.py SEMGREP` names the program. It lies in an environment of its own: it is large,
and wants other versions of what the product's tools need.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RULES = "tests/static/rules.yml"
PLANTED = "tests/static/planted"
PACKAGES = ("victimcare", "certification", "cases", "referrals")
OPTIONS = ("--metrics=off", "--disable-version-check", "--quiet", "--json")
MARK = "# found: "

# Place of a line and the rule: ("cases/views.py", 12, "without-csrf").
Find = tuple[str, int, str]


def found(semgrep: str) -> set[Find]:
    command = [semgrep, "scan", *OPTIONS, "--config", RULES, *PACKAGES, PLANTED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    if answer["errors"]:
        raise SystemExit(f"semgrep could not read everything: {answer['errors'][:3]}")
    return {
        (one["path"], one["start"]["line"], one["check_id"].rpartition(".")[2]) for one in answer["results"]
    }


def planted() -> set[Find]:
    """The line after each mark, by the rule that the mark names."""
    wanted = set()
    for file in sorted((ROOT / PLANTED).glob("*.py")):
        place = str(file.relative_to(ROOT))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=2):
            if MARK in line:
                wanted.add((place, number, line.partition(MARK)[2].strip()))
    return wanted


def rules() -> set[str]:
    lines = (ROOT / RULES).read_text(encoding="utf-8").splitlines()
    return {line.partition("- id: ")[2] for line in lines if line.startswith("  - id: ")}


def main(semgrep: str) -> int:
    seen, wanted = found(semgrep), planted()
    wrong = [f"{place}:{line}: {rule}" for place, line, rule in sorted(seen - wanted)]
    wrong += [f"not found: {place}:{line}: {rule}" for place, line, rule in sorted(wanted - seen)]
    wrong += [
        f"nothing is planted for {rule}" for rule in sorted(rules() - {rule for _p, _l, rule in wanted})
    ]
    told = f"{len(rules())} rules; {len(wanted & seen)} of {len(wanted)} planted lines found"
    said = f"{told}; {len(seen - wanted)} open"
    sys.stdout.write("\n".join([*wrong, said, ""]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
