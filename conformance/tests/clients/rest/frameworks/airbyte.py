"""A declarative Airbyte source by the protocol's commands: spec, check, discover, read."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import yaml
from session import FOLDER, INSTANCE, LOGIN, end, tell

PROGRAM = os.path.join(os.environ["BIN"], "source-declarative-manifest")
MANIFEST = yaml.safe_load((Path(__file__).parent / "airbyte_source.yaml").read_text())


def file(name, content):
    path = Path(FOLDER) / name
    path.write_text(json.dumps(content))
    return str(path)


def configured(name, password=LOGIN[1]):
    return file(
        name,
        {
            "__injected_declarative_manifest": MANIFEST,
            "base_url": INSTANCE.removeprefix("https://"),
            "username": LOGIN[0],
            "password": password,
        },
    )


CONFIG = configured("config.json")


def run(command, *arguments, config=CONFIG):
    """The messages of the protocol that it prints, by their type."""
    done = subprocess.run([PROGRAM, command, "--config", config, *arguments], capture_output=True, text=True)
    messages = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            message = json.loads(line)
            messages.setdefault(message["type"], []).append(message)
    assert LOGIN[1] not in done.stdout, "it prints its password"
    return done.returncode, messages


def status(answer):
    return [answer[0], answer[1]["CONNECTION_STATUS"][0]["connectionStatus"]["status"]]


tell("check", status(run("check")))
refused = run("check", config=configured("wrong.json", "wrong"))
tell("check with a wrong password", status(refused))
text = refused[1]["CONNECTION_STATUS"][0]["connectionStatus"]["message"]
tell("it says", [word for word in ("401", "Unauthorized") if word in text])

streams = run("discover")[1]["CATALOG"][0]["catalog"]["streams"]
tell(
    "discovered",
    {it["name"]: [it["supported_sync_modes"], it["source_defined_primary_key"], it.get("default_cursor_field", [])] for it in streams},
)
CATALOG = {
    "streams": [
        {
            "stream": it,
            "sync_mode": it["supported_sync_modes"][-1],
            "destination_sync_mode": "append",
            "cursor_field": it.get("default_cursor_field", []),
        }
        for it in streams
    ]
}


def read(catalog, state=()):
    arguments = ["--catalog", file("catalog.json", catalog), "--state", file("state.json", list(state))]
    code, messages = run("read", *arguments)
    records, ids = Counter(), {}
    for message in messages.get("RECORD", []):
        record = message["record"]
        records[record["stream"]] += 1
        ids.setdefault(record["stream"], set()).add(record["data"]["sys_id"])
    ends = {}
    for message in messages.get("TRACE", []):
        if message["trace"]["type"] == "STREAM_STATUS":
            of = message["trace"]["stream_status"]
            ends[of["stream_descriptor"]["name"]] = of["status"]
    told = {name: [records[name], len(ids.get(name, ())), ends[name]] for name in sorted(ends)}
    return code, told, messages


code, told, messages = read(CATALOG)
tell("read", [code, told])
servers = [it["record"]["data"] for it in messages["RECORD"] if it["record"]["stream"] == "cmdb_ci_server"]
tell("a server", [[row["name"], row["sys_class_name"]] for row in servers if row["name"] == "srv-00042"])
attached = [it["record"]["data"] for it in messages["RECORD"] if it["record"]["stream"] == "attachments_of_incidents"]
tell("attachments", sorted(row["file_name"] for row in attached))
states = [it["state"] for it in messages["STATE"] if it["state"]["stream"]["stream_descriptor"]["name"] == "incident"]
newest = max(it["record"]["data"]["sys_updated_on"] for it in messages["RECORD"] if it["record"]["stream"] == "incident")
tell("its state is the newest row's", states[-1]["stream"]["stream_state"]["sys_updated_on"] == newest)
one = {"streams": [it for it in CATALOG["streams"] if it["stream"]["name"] == "incident"]}
code, told, again = read(one, states[-1:])
rows = [it["record"]["data"]["sys_updated_on"] for it in again.get("RECORD", [])]
tell("read from its state", [code, told["incident"][2], set(rows) == {newest}])
end()
