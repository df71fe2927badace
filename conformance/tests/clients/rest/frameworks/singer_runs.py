"""A Singer tap by the commands of its framework: about, discovery, test, a sync, one from its state."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from session import FOLDER, INSTANCE, LOGIN, end, tell

TAP = Path(__file__).parent / "servicenow_tap.py"
CONFIG = Path(FOLDER) / "config.json"


def configure(password=LOGIN[1]):
    tables = ["incident", "cmdb_ci_server", "sys_user"]
    content = {"url": INSTANCE, "username": LOGIN[0], "password": password, "tables": tables}
    CONFIG.write_text(json.dumps(content))


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TAP), "--config", str(CONFIG), *arguments], capture_output=True, text=True, cwd=FOLDER
    )


def sync(*arguments):
    """What a sync writes: rows and keys by stream, and its last state."""
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    records, keys, state = Counter(), {}, None
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            records[message["stream"]] += 1
            keys.setdefault(message["stream"], set()).add(message["record"]["sys_id"])
        elif message["type"] == "STATE":
            state = message["value"]
    return {name: [count, len(keys[name])] for name, count in sorted(records.items())}, state, done.stdout


configure()
catalog = json.loads(run("--discover").stdout)
tell("discovered", {it["tap_stream_id"]: it["key_properties"] for it in catalog["streams"]})
columns = next(it["schema"]["properties"] for it in catalog["streams"] if it["tap_stream_id"] == "incident")
NAMES = ("number", "caller_id", "active", "reassignment_count", "severity", "sys_updated_on")
tell("columns", {name: columns[name]["type"][0] for name in NAMES})
tested = run("--test")
tell("test", [tested.returncode, tested.stderr.strip().splitlines()[-1:] if tested.returncode else []])
path = Path(FOLDER) / "catalog.json"
path.write_text(json.dumps(catalog))
told, state, lines = sync("--catalog", str(path))
tell("sync", told)
server = next(row for row in map(json.loads, lines.splitlines()) if row["type"] == "RECORD" and row["record"].get("name") == "srv-00042")
tell("a server", [server["record"]["sys_class_name"], server["record"]["sys_mod_count"]])
tell("state", sorted(state["bookmarks"]))
saved = Path(FOLDER) / "state.json"
saved.write_text(json.dumps(state))
again, later, _ = sync("--catalog", str(path), "--state", str(saved))
# The newest rows come again, for it asks from their time on.
tell("from its state", {name: 0 < count[0] < told[name][0] for name, count in again.items()})
tell("the state stays", later == state)
configure("wrong")
refused = run("--discover")
tell("a wrong password", [refused.returncode != 0, "401" in refused.stderr])
end()
