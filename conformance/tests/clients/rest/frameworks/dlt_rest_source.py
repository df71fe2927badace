"""dlt's REST source, set up for an instance: pages by link and by offset, and a load that goes on."""

import os

os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL", HOME=os.environ["FOLDER"])
os.chdir(os.environ["FOLDER"])

from dlt.sources.rest_api import rest_api_source
from session import INSTANCE, LOGIN, end, failing, tell


def source(*resources, password=LOGIN[1]):
    return rest_api_source(
        {
            "client": {
                "base_url": INSTANCE + "/api/now/",
                "auth": {"type": "http_basic", "username": LOGIN[0], "password": password},
            },
            "resource_defaults": {"primary_key": "sys_id", "endpoint": {"data_selector": "result"}},
            "resources": list(resources),
        },
        name="servicenow",
    )


def resource(name, table, paginator=None, **params):
    endpoint = {"path": f"table/{table}", "params": params}
    if paginator:
        endpoint["paginator"] = paginator
    return {"name": name, "endpoint": endpoint}


OFFSET = {"type": "offset", "limit": 60, "offset_param": "sysparm_offset", "limit_param": "sysparm_limit", "total_path": None}
loaded = source(
    resource("by_link", "cmdb_ci_server", "header_link", sysparm_limit=60, sysparm_query="ORDERBYname"),
    resource("by_offset", "cmdb_ci_server", OFFSET, sysparm_query="ORDERBYsys_id"),
    resource("found_out", "cmdb_ci_server", sysparm_limit=100, sysparm_query="ORDERBYname"),
    resource("one_page", "sys_user_group", "single_page", sysparm_fields="name", sysparm_query="ORDERBYname"),
    {
        "name": "comments",
        "endpoint": {
            "path": "table/sys_journal_field",
            "params": {"sysparm_query": "element_id={resources.incidents.sys_id}"},
            "paginator": "single_page",
        },
    },
    resource("incidents", "incident", "single_page", sysparm_query="active=true^ORDERBYnumber"),
)
for name in ("by_link", "by_offset", "found_out"):
    rows = list(loaded.resources[name])
    tell(name, [len(rows), len({row["sys_id"] for row in rows}), rows[0].keys() == rows[-1].keys()])
tell("one page", [row["name"] for row in loaded.resources["one_page"]])
tell("rows of rows", len(list(loaded.resources["comments"])))
newer = source(
    {
        "name": "newer",
        "endpoint": {
            "path": "table/incident",
            "params": {"sysparm_query": "sys_updated_on>={incremental.start_value}^ORDERBYsys_updated_on"},
            "paginator": "header_link",
            "incremental": {"cursor_path": "sys_updated_on", "initial_value": "2026-01-05 00:00:00"},
        },
    }
)
rows = list(newer.resources["newer"])
tell("newer", [len(rows), sorted(row["sys_updated_on"] for row in rows) == [row["sys_updated_on"] for row in rows]])
tell("no such table", failing(list, source(resource("nothing", "nothing", "single_page")).resources["nothing"]))
wrong = source(resource("refused", "incident", "single_page"), password="wrong")
tell("a wrong password", failing(list, wrong.resources["refused"]))
end()
