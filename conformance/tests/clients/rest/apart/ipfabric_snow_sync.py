"""ipfabric-snow: what its sync does to an instance, its other end left out."""

import os

os.chdir(os.environ["FOLDER"])

from ipfabric_snow.apps.sync_devices import insert_devices_into_staging_table
from ipfabric_snow.utils.etl import ETLUtility
from ipfabric_snow.utils.servicenow_client import Snow
from session import INSTANCE, LOGIN, end, failing, tell

client = Snow(auth=LOGIN, url=INSTANCE)
everything = client.request_client.get_all_records("cmdb_ci_server")["result"]
tell("all records", [len(everything), len({row["sys_id"] for row in everything})])
devices = [{"first_name": f"device {at}", "last_name": "staged", "email": f"device.{at}@example.com"} for at in range(25)]
insert_devices_into_staging_table(devices, client, "imp_user", 10)
users = client.request_client._get("table/sys_user", params={"sysparm_query": "last_name=staged^ORDERBYemail"})["result"]
tell("staged", [len(users), users[0]["first_name"]])
# What its `create_…` methods send is JSON within a JSON text, which is no record.
tell("an incident", failing(client.incidents.create_inc, "made", "a comment"))
made = client.request_client._post("table/incident", {"short_description": "made"})["result"]
client.incidents.add_comment_to_inc(made["sys_id"], "a comment")
journal = {"sysparm_query": f"element_id={made['sys_id']}", "sysparm_fields": "element,value"}
tell("its comments", client.request_client._get("table/sys_journal_field", params=journal)["result"])
tell("vendors and locations", [len(it.get_all()["result"]) > 1 for it in (client.vendors, client.location)])
item = client.request_client._post("table/cmdb_ci_netgear", {"name": "switch-1", "serial_number": "N1"})["result"]
tell("updated", client.cmdb.net_gear.update_ci({"ip_address": "10.0.0.1"}, item["sys_id"])["result"]["ip_address"])
environment = {"SNOW_URL": INSTANCE, "SNOW_USER": LOGIN[0], "SNOW_PASS": LOGIN[1]}
known = [row for row in client.request_client.get_all_records("cmdb_ci_netgear")["result"] if row["serial_number"] == "N1"]
compared = ETLUtility([{"hostname": "switch-2", "sn": "N2"}], known, "IPF", check_env=False, env_vars=environment)
compared.transform_data()
difference = compared.compute_diff()
tell("compared", [difference["devices_in_ipf_not_in_snow"], [row["sn"] for row in difference["devices_in_snow_not_in_ipf"]]])
client.cmdb.net_gear.delete_ci(item["sys_id"])
tell("deleted", failing(client.request_client.get_record_by_sys_id, "cmdb_ci_netgear", item["sys_id"]))
tell("a wrong password", failing(Snow(auth=("nobody", "wrong"), url=INSTANCE).incidents.get_all))
end()
