"""servicenow-api's calls of the APIs that an instance has without plug-ins."""

import os

os.chdir(os.environ["FOLDER"])
os.environ["HOME"] = os.environ["FOLDER"]

from servicenow_api.api_client import Api
from session import INSTANCE, LOGIN, end, failing, tell

# The first call that it makes is of an address that no instance has; what is not 401, 403 or 404 will do.
api = Api(url=INSTANCE, username=LOGIN[0], password=LOGIN[1])
tell("a wrong password", failing(lambda: Api(url=INSTANCE, username="nobody", password="wrong")))


def rows(answer):
    return [row.model_dump() for row in answer.result]


servers = rows(api.get_table(table="cmdb_ci_server", sysparm_query="nameSTARTSWITHsrv-0024^ORDERBYname", sysparm_fields="sys_id,name", sysparm_limit=3))
tell("a table", [row["name"] for row in servers])
tell("a whole table", len(rows(api.get_table(table="cmdb_ci_server", sysparm_fields="sys_id"))))
one = api.get_table_record(table="cmdb_ci_server", table_record_sys_id=servers[0]["sys_id"])
tell("a record", one.result.model_dump()["name"])
made = api.add_table_record(table="incident", data={"short_description": "made"}).result.model_dump()
tell("added", [made["short_description"], made["number"][:3]])
sys_id = made["sys_id"]
changed = api.patch_table_record(table="incident", table_record_sys_id=sys_id, data={"short_description": "patched"})
tell("patched", changed.result.model_dump()["short_description"])
changed = api.update_table_record(table="incident", table_record_sys_id=sys_id, data={"short_description": "updated"})
tell("updated", changed.result.model_dump()["short_description"])
# It deletes, and then reads the body of a 204.
tell("deleted", failing(lambda: api.delete_table_record(table="incident", table_record_sys_id=sys_id)))
tell("gone", failing(lambda: api.get_table_record(table="incident", table_record_sys_id=sys_id)))
incidents = api.get_incidents(sysparm_query="ORDERBYnumber", sysparm_limit=2).result
tell("incidents", [[it.number, it.state, it.active, it.sys_mod_count] for it in incidents])
tell("an incident", api.get_incident(incident_id=incidents[0].sys_id).result.number)
tell("counted", api.get_stats(table_name="cmdb_ci_server", stats="COUNT").result)
item = api.create_cmdb_instance(
    className="cmdb_ci_linux_server", attributes={"name": "made"}, source="ServiceNow", inbound_relations=[], outbound_relations=[]
)
tell("an item", item.response.json()["result"]["attributes"]["name"])


def staging():
    """It imports, and then takes the list of results that is documented for one result."""
    api.insert_import_set(table="imp_user", data={"first_name": "Ada", "last_name": "Made", "email": "ada@example.com"})


tell("imported", [failing(staging), len(rows(api.get_table(table="sys_user", sysparm_query="email=ada@example.com")))])
end()
