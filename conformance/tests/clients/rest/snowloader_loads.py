"""snowloader: its commands, and the loaders of its library; it is brought here through a proxy."""

import json
import os
import subprocess
from pathlib import Path

import requests
import snowloader
from session import FOLDER, LOGIN, end, tell

os.environ["HTTPS_PROXY"] = os.environ["PROXY"]
URL = "https://" + os.environ["HOST"]
SETTINGS = {**os.environ, "SNOW_INSTANCE": URL, "SNOW_USER": LOGIN[0], "SNOW_PASS": LOGIN[1]}


def run(*arguments):
    program = os.path.join(os.environ["BIN"], "snowloader")
    return subprocess.run([program, *arguments], env=SETTINGS, capture_output=True, text=True)


counted = run("count", "cmdb_ci_server", "--query", "nameSTARTSWITHsrv-0001")
tell("count", [counted.returncode, counted.stdout.split()])
out = Path(FOLDER) / "out.jsonl"
extracted = run("extract", "cmdb_ci_server", "--out", str(out), "--page-size", "60")
records = [json.loads(line) for line in out.read_text().splitlines()]
tell("extract", [extracted.returncode, len(records), len({row["sys_id"] for row in records})])
some = Path(FOLDER) / "some.jsonl"
extracted = run(
    "extract", "cmdb_ci_server", "--out", str(some), "--workers", "2",
    "--fields", "sys_id,name", "--query", "name>srv-00200", "--display-value", "all",
)
records = [json.loads(line) for line in some.read_text().splitlines()]
tell("extract with workers", [extracted.returncode, len(records), records[0]["name"]["value"] > "srv-00200"])
connection = snowloader.SnowConnection(instance_url=URL, username=LOGIN[0], password=LOGIN[1], page_size=100)
tell("descendants", sorted(connection.get_table_descendants("cmdb_ci_server"))[:5])
for name, options in [
    ("IncidentLoader", {}),
    ("ProblemLoader", {}),
    ("ChangeLoader", {}),
    ("KnowledgeBaseLoader", {}),
    ("CatalogLoader", {}),
    ("CMDBLoader", {"ci_class": "cmdb_ci_server", "include_relationships": False}),
    ("RelationshipLoader", {}),
    ("TableLoader", {"table": "sys_user_group"}),
    ("AttachmentLoader", {}),
]:
    documents = getattr(snowloader, name)(connection=connection, **options).load()
    tell(name, [len(documents), documents[0].page_content.splitlines()[0] if documents else None])


def deleted(*more):
    ran = run("deleted", "cmdb_ci", "--since", "2026-01-01", *more)
    return [ran.returncode, [line.split("\t")[:2] for line in ran.stdout.splitlines()]]


tell("nothing deleted", deleted())
gone = records[0]["sys_id"]["value"]
session = requests.Session()
answer = session.delete(f"{os.environ['INSTANCE']}/api/now/table/cmdb_ci/{gone}", auth=LOGIN)
session.close()
tell("a deletion", answer.status_code)
code, lines = deleted()
tell("deleted", [code, [[key == gone, table] for key, table in lines]])
end()
