"""What PySNC raises when it is refused: each answer must be one that it takes for what it is."""

from pysnc import ServiceNowClient
from session import INSTANCE, LOGIN, end, failing, tell

client = ServiceNowClient(INSTANCE, LOGIN)
tell("no such table", failing(client.GlideRecord("sys_user_list").get, "any"))
stranger = ServiceNowClient(INSTANCE, ("nobody", "wrong"))
tell("a wrong password", failing(stranger.GlideRecord("sys_user").get, "any"))
tell("no such record", client.GlideRecord("sys_user").get("any"))
tell("no web page is an answer", failing(client.GlideRecord("A" * 23000).get, "any"))
tell("an address that is none", failing(ServiceNowClient, "test.x", LOGIN))
restricted = client.GlideRecord("sys_user")
restricted.initialize()
restricted.user_name = "restricted"
restricted.user_password = LOGIN[1]
restricted.insert()
lesser = ServiceNowClient(INSTANCE, ("restricted", LOGIN[1]))
tell("no role for a platform table", failing(lesser.GlideRecord("sys_db_object").query))
hidden = lesser.GlideRecord("incident")
hidden.query()
tell("no role for a task: rows are hidden", [hidden.get_row_count() > 0, len(hidden.serialize_all())])
client.session.close()
end()
