"""servicenow-cli's commands that meet an instance, by its own program."""

import json
import os
import subprocess
from pathlib import Path

from session import FOLDER, INSTANCE, LOGIN, end, tell

SETTINGS = {
    **os.environ,
    "SERVICENOW_INSTANCE": INSTANCE,
    "SERVICENOW_AUTH_TYPE": "basic",
    "SERVICENOW_USERNAME": LOGIN[0],
    "SERVICENOW_PASSWORD": LOGIN[1],
    "SERVICENOW_CONFIG_DIR": FOLDER,
}


def run(*arguments, **settings):
    program = os.path.join(os.environ["BIN"], "servicenow")
    return subprocess.run(
        [program, *arguments, "-o", "json"], env={**SETTINGS, **settings}, capture_output=True, text=True
    )


def asked(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else None


doctor = asked("doctor")
tell("doctor", [[check["name"], check["ok"]] for check in doctor["checks"]])


def rows(*arguments):
    answer = asked(*arguments)
    assert answer["count"] == len(answer["result"])
    return answer["result"]


def code(*arguments, **settings):
    done = run(*arguments, **settings)
    return [done.returncode, json.loads(done.stderr)["error"]["kind"]]


servers = rows("tables", "list", "cmdb_ci_server", "--all", "--fields", "sys_id,name")
tell("all", [len(servers), len({row["sys_id"] for row in servers})])
tell(
    "a query, a limit, an offset",
    rows(
        "tables", "list", "cmdb_ci_server", "-q", "nameSTARTSWITHsrv-0001^ORDERBYname",
        "-n", "2", "--offset", "3", "--fields", "name",
    ),
)
first = rows(
    "tables", "list", "incident", "-q", "ORDERBYnumber", "-n", "1",
    "--fields", "number,state,caller_id", "--display-value", "all",
)[0]
tell("both values", [first["number"], first["state"], first["caller_id"]["display_value"]])
made = asked("tables", "create", "incident", "--data", '{"impact": "1"}', "--field", "short_description=made")["result"]
tell("created", [made["short_description"], made["impact"], made["number"][:3], len(made["sys_id"])])
sys_id = made["sys_id"]
changed = asked("tables", "update", "incident", sys_id, "--field", "short_description=changed")["result"]
tell("updated", [changed["short_description"], changed["sys_mod_count"]])
got = asked("tables", "get", "incident", sys_id, "--fields", "number,short_description")["result"]
tell("got", [got["number"]["value"] == made["number"], got["short_description"]["value"]])

note = Path(FOLDER) / "note.txt"
note.write_text("attached")
uploaded = asked("attachments", "upload", "incident", made["number"], str(note))["result"]
tell("uploaded", [uploaded["file_name"], uploaded["size_bytes"]])
tell("attachments", [row["file_name"] for row in rows("attachments", "list", "incident", sys_id)])
down = Path(FOLDER) / "down.txt"
asked("attachments", "download", uploaded["sys_id"], str(down))
tell("downloaded", down.read_text())
asked("attachments", "delete", uploaded["sys_id"], "--yes")
tell("attachments after", rows("attachments", "list", "incident", sys_id))
asked("tables", "delete", "incident", sys_id, "--yes")
tell("deleted", code("tables", "get", "incident", sys_id))

incident = asked("incidents", "create", "-s", "by its own command", "--urgency", "1")["result"]
number = incident["number"]
tell("incident created", [incident["short_description"], incident["urgency"]])
assigned = asked("incidents", "assign", number, "--to", "employee", "--group", "Service Desk")["result"]
tell("incident assigned", assigned["number"] == number)
tell("incident updated", asked("incidents", "update", number, "--state", "2")["result"]["state"])
asked("incidents", "note", number, "looked at it")
tell("none are mine", rows("incidents", "mine"))
asked("incidents", "assign", number, "--to", "@me")
tell("one is mine", [row["number"] == number for row in rows("incidents", "mine")])
asked("incidents", "resolve", number, "--code", "Solution provided", "--notes", "done")
shown = asked("incidents", "show", number, "--fields", "state,close_notes,close_code,assignment_group")["result"]
tell("incident resolved", [shown["state"], shown["close_notes"]["value"], shown["assignment_group"]["display_value"]])
tell("incidents active", len(rows("incidents", "list", "--active", "--all")))

schema = asked("schema", "problem")["result"]
fields = {field["name"]: [field["internal_type"], field["reference"]] for field in schema["fields"]}
tell("schema", {name: fields[name] for name in ("known_error", "duplicate_of", "fix_notes")})
tell("choices", [[row["value"], row["label"]] for row in asked("choices", "incident", "state")["result"]])
tell("a user", asked("resolve", "user", "employee")["result"]["name"]["value"])
tell("a group", asked("resolve", "group", "Service Desk")["result"]["name"]["value"])
tell("no such table", code("tables", "list", "nothing"))
tell("a wrong password", code("tables", "list", "incident", SERVICENOW_PASSWORD="wrong"))
end()
