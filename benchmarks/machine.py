"""What a run says of its machine: enough to compare runs by, and nothing that names it."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2


def facts(url: str) -> dict[str, Any]:
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "processors": os.cpu_count(),
        "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo"),
        "memory_gb": round(int(_first(r"MemTotal:\s*(\d+)", "/proc/meminfo") or 0) / 1024**2),
        "python": platform.python_version(),
        "postgresql": _server(url),
    }


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    return found[1].strip() if found else ""


def _server(url: str) -> str:
    connection = psycopg2.connect(url)
    try:
        version = connection.info.server_version
        return f"{version // 10_000}.{version % 10_000}"
    finally:
        connection.close()
