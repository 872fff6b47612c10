# VictimCare's commands. `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
export PORT

VENV := .venv/bin
# Ends with `make`, even when that is killed.
LOCAL := setpriv --pdeathsig TERM $(VENV)/python -m victimcare.local

.PHONY: help run test test-all mutants matrix planted static hostile check format manage messages pictures drill drill-keys drill-worker drill-erasure drill-places drill-canaries bench bench-growth bench-day bench-report bench-import bench-log bench-walls bench-keys bench-search bench-fill bench-files bench-sign-in attack lock clean

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run:  ## set up everything and serve on http://127.0.0.1:8000 (PORT= changes the port)
	@$(PYTHON) scripts/bootstrap.py runtime
	@$(LOCAL).run

test:  ## set up everything, run the checks and the whole suite with its browser tests
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).check
	@$(LOCAL).suite -n 2 -m "not slow" $(ARGS)

test-all:  ## as test, with the slow tests too, and how many small faults the tests notice
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).check
	@$(LOCAL).suite -n 2 $(ARGS)
	@$(LOCAL).static
	@$(LOCAL).mutants

mutants:  ## how many small faults do the tests notice? make mutants ARGS="workflow consent"
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).mutants $(ARGS)

matrix:  ## the access matrix alone, with how much it asked: make matrix ARGS="-m slow" asks 100,000
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).suite tests/matrix -m "not slow" $(ARGS)

planted:  ## break the product in many ways, one at a time: each guard has to turn red
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).suite -p tests.planted.plugin --randomly-seed=1 --randomly-dont-reorganize $(ARGS)

static:  ## our own rules about unsafe code (semgrep, in an environment of its own: 390 MB)
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).static

hostile:  ## 10,000 malformed requests, and what they were answered
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).suite tests/edges/test_hostile.py $(ARGS)

check:  ## format, lint, types, import contracts, migrations, access tables, messages, templates
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).check

format:  ## format Python and templates
	@$(PYTHON) scripts/bootstrap.py dev
	@$(VENV)/ruff check --quiet --fix-only .
	@$(VENV)/ruff format --quiet .
	@$(VENV)/djlint --quiet --reformat . || true

manage:  ## run manage.py on the local database: make manage ARGS="showmigrations"
	@$(PYTHON) scripts/bootstrap.py runtime
	@$(LOCAL).manage $(ARGS)

messages:  ## extract the messages to translate and compile them
	@$(PYTHON) scripts/bootstrap.py dev
	@$(VENV)/python -m victimcare.local.messages extract

pictures:  ## photograph the product's pages into docs/pictures
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).pictures

drill:  ## 16 threads, many users, every kind of trouble: directly and through PgBouncer
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill $(ARGS)

drill-keys:  ## a member state's keys change under 20 writers, with 10 kill -9 of the command
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill_keys $(ARGS)

drill-canaries:  ## 500 people through everything: nothing of them may stand in a log, mail, task, session or file
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill_canaries $(ARGS)

drill-worker:  ## background workers are killed 100 times: no task is lost, none is done twice
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill_worker $(ARGS)

drill-erasure:  ## erase a person who went through everything, then look for them everywhere, restored backups too
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill_erasure $(ARGS)

drill-places:  ## 200 accept at once what has one free place, 100 times, in two processes
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).drill_places $(ARGS)

bench:  ## load on the product's pages, what each costs, and two floors: make bench CASES=1000000 NAMES=folder ROUNDS=3
	@$(PYTHON) scripts/bootstrap.py dev
	@ROUNDS=$(ROUNDS) REQUESTS=$(REQUESTS) $(LOCAL).bench_load $(or $(CASES),100000) $(NAMES)

bench-growth:  ## what each page costs at 10,000, 100,000 and 1,000,000 cases: make bench-growth SIZES="10000 100000"
	@$(PYTHON) scripts/bootstrap.py dev
	@NAMES=$(NAMES) ROUNDS=$(ROUNDS) REQUESTS=$(REQUESTS) $(LOCAL).bench_growth $(or $(SIZES),10000 100000 1000000)

bench-day:  ## a mixed day of many users, then a worker's memory: make bench-day CASES= RATE= SECONDS= REQUESTS=
	@$(PYTHON) scripts/bootstrap.py dev
	@CASES=$(CASES) RATE=$(RATE) SECONDS=$(SECONDS) REQUESTS=$(REQUESTS) $(LOCAL).bench_day

bench-report:  ## write docs/performance.md anew from what the runs kept
	@$(PYTHON) scripts/bootstrap.py dev
	@$(VENV)/python -m benchmarks.report

bench-import:  ## measure the importer on a scratch database: make bench-import ARGS="linea144 FILE"
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench $(ARGS)

bench-log:  ## measure sealing, export, check and breach worksheet over a million lines: make bench-log ARGS="100000"
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench_log $(ARGS)

bench-walls:  ## measure what row-level security costs at 200,000 cases, on a scratch database (10 minutes)
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench_walls $(ARGS)

bench-keys:  ## measure what keys cost: make bench-keys ARGS="linea144 FILE" for the importer's share too
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench_keys $(ARGS)

bench-sign-in:  ## measure that signing in takes as long for every name: known, unknown, disabled, tried too often
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).suite tests/victimcare/test_sign_in_times.py -q -s

bench-search:  ## measure search among 1,000,000 people on a scratch database: make bench-search CASES=100000 NAMES=folder
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench_search $(or $(CASES),1000000) $(NAMES)

bench-fill:  ## make the data set of the bench, a member state: make bench-fill CASES=100000 NAMES=folder
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).bench_fill $(or $(CASES),100000) $(NAMES)

bench-files:  ## measure the memory that a file of 200 MB costs a worker of the web server
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).suite tests/benches/test_files.py -q -s

attack:  ## read names out of a dump by counting its search tokens: make attack NAMES=folder (public frequencies)
	@$(PYTHON) scripts/bootstrap.py dev
	@$(LOCAL).attack $(NAMES)

lock:  ## resolve the locked requirements anew
	@$(PYTHON) scripts/bootstrap.py dev
	@$(VENV)/python scripts/lock.py $(ARGS)

clean:  ## stop what runs and remove all that these commands made
	@$(PYTHON) -B -m victimcare.local.clean
