"""pysnow's documented uses: queries, its query builder, writes, attachments, streams, own calls."""

from pathlib import Path

import pysnow
from session import FOLDER, INSTANCE, LOGIN, end, failing, tell

client = pysnow.Client(host=INSTANCE.removeprefix("https://"), user=LOGIN[0], password=LOGIN[1])
client.parameters.exclude_reference_link = True
incidents = client.resource(api_path="/table/incident")
servers = client.resource(api_path="/table/cmdb_ci_server")

tell("all", len(servers.get().all()))
tell("streamed", len(list(servers.get(stream=True).all())))
tell("limit and offset", len(servers.get(limit=30, offset=230).all()))
named = servers.get(query={"name": "srv-00042"}, fields=["name", "sys_class_name"])
tell("by a dictionary", named.one())
tell("by a string", [row["name"] for row in servers.get(query="nameLIKE0024^ORDERBYname", fields=["name"]).all()])
built = (
    pysnow.QueryBuilder()
    .field("name").starts_with("srv-0002")
    .AND().field("name").not_equals("srv-00020")
    .AND().field("name").order_descending()
)
tell("built", [row["name"] for row in servers.get(query=built, fields=["name"]).all()])
either = pysnow.QueryBuilder().field("name").equals(["srv-00001", "srv-00002"])
tell("one of", len(servers.get(query=either).all()))
between = pysnow.QueryBuilder().field("sys_mod_count").between(0, 5)
tell("between", len(servers.get(query=between).all()))
groups = pysnow.QueryBuilder().field("name").ends_with("00003").NQ().field("name").contains("0025")
tell("a new query", len(servers.get(query=groups).all()))
tell("empty", len(servers.get(query=pysnow.QueryBuilder().field("name").is_empty()).all()))
tell("first", servers.get(query="ORDERBYname", fields=["name"], stream=True).first())
tell("none", servers.get(query={"name": "nobody"}).one_or_none())
tell("exactly one of many", failing(servers.get(query={}).one))
tell("a first of none", failing(servers.get(query={"name": "nobody"}, stream=True).first))
counted = servers.get(query={}, limit=1)
counted.all()
tell("counted", int(counted.headers["X-Total-Count"]))

made = incidents.create({"short_description": "made", "description": "by pysnow"})
one = made.one()
tell("created", [one["short_description"], one["number"][:3], len(one["sys_id"]), made.headers["Location"].endswith(one["sys_id"])])
updated = incidents.update(query={"number": one["number"]}, payload={"short_description": "changed", "state": 2})
tell("updated", [updated.one()["short_description"], updated.one()["state"]])
found = incidents.get(query={"number": one["number"]})
tell("updated where it was found", found.update({"description": "again"}).one()["description"])

path = Path(FOLDER) / "note.txt"
path.write_text("attached")
uploaded = client.resource(api_path="/table/incident").attachments.upload(sys_id=one["sys_id"], file_path=str(path))
tell("uploaded", uploaded.one()["file_name"])
listed = client.resource(api_path="/table/incident").attachments.get(sys_id=one["sys_id"])
tell("attachments", [[file["file_name"], file["size_bytes"]] for file in listed])
tell(
    "an attachment is deleted",
    client.resource(api_path="/table/incident").attachments.delete(listed[0]["sys_id"])["status"],
)
tell("deleted", incidents.delete(query={"number": one["number"]})["status"])
tell("deleted nothing", failing(incidents.delete, {"number": one["number"]}))

shown = client.resource(api_path="/table/incident")
shown.parameters.display_value = True
tell("displayed", sorted({row["state"] for row in shown.get(fields=["state"]).all()}))
custom = servers.request(method="GET", path_append="/" + servers.get(limit=1, stream=True).first()["sys_id"])
tell("a call of one's own", custom.one()["sys_class_name"])
stats = client.resource(api_path="/stats/cmdb_ci_server")
stats.parameters.add_custom({"sysparm_count": "true"})
tell("an aggregate", stats.request(method="GET").one()["stats"])
tell("no such table", failing(client.resource(api_path="/table/nothing").get(query={}).all))
stranger = pysnow.Client(host=INSTANCE.removeprefix("https://"), user="nobody", password="wrong")
tell("a wrong password", failing(stranger.resource(api_path="/table/incident").get(query={}).all))
end()
