"""What PySNC's documentation shows, in its order and words, where the other scripts do not do it."""

from pysnc import ServiceNowClient
from pysnc.query import Query
from session import INSTANCE, LOGIN, end, failing, tell

client = ServiceNowClient(INSTANCE, LOGIN)

# Getting started.
gr = client.GlideRecord("incident")
tell("no length before a query", [len(gr), gr.get_row_count()])
o = gr.add_query("priority", "1")
o.add_or_condition("priority", "2")
gr.query()
tell("length", [len(gr), gr.get_row_count()])
tell("priorities", sorted({str(r.priority) for r in gr}))
gr = client.GlideRecord("incident")
gr.add_query("priority", ">", "1")
gr.add_encoded_query("short_descriptionLIKEe^active=true")
gr.limit = 5
gr.fields = "sys_id,assignment_group.name"
gr.batch_size = 2
gr.order_by("number")
gr.query()
tell("limited fields", [sorted(gr.serialize()) for _ in iter(gr.next, False)])
gr = client.GlideRecord("problem")
gr.order_by("number")
gr.query()
gr.next()
tell("a field", [repr(gr.state), gr.get_value("state"), gr.get_display_value("state"), gr.state == "101", f"State is {gr.state}", gr.state.nil()])
gr.state = "102"
tell("a changed field", [repr(gr.state), gr.state.get_value(), gr.state.changes(), gr.changes()])
gr = client.GlideRecord("incident")
gr.initialize()
gr.state = 4
before = gr.get_value("state")
gr.set_value("state", 5)
tell("a set field", [before, gr.get_value("state")])
gr = client.GlideRecord("incident")
tell("by its number", [gr.get("number", "INC0000001"), str(gr.number)])

# Advanced: dot-walking three steps deep.
gr = client.GlideRecord("incident")
# Its documentation leaves the step between out, without which it does not walk by attributes.
gr.fields = "sys_id,opened_by,opened_by.email,opened_by.department,opened_by.department.dept_head"
gr.add_not_null_query("opened_by.department.dept_head")
gr.order_by("number")
gr.query()
tell("someone's head of department", gr.next())
tell(
    "dot-walked",
    [
        gr.get_value("opened_by.email"),
        len(gr.get_value("opened_by.department.dept_head")),
        gr.get_display_value("opened_by.department.dept_head"),
        str(gr.opened_by.department.dept_head) == gr.get_value("opened_by.department.dept_head"),
        gr.opened_by.department.dept_head.get_display_value(),
    ],
)
gr = client.GlideRecord("sys_user")
join_query = gr.add_join_query("sys_user_group", join_table_field="manager")
join_query.add_query("active", "true")
gr.query()
tell("managers of active groups", sorted(str(r.user_name) for r in gr))

# The API: what is left of its members.
gr = client.GlideRecord("cmdb_ci_server")
gr.order_by("name")
gr.limit = 10
query = Query("cmdb_ci_server")
query.add_query("name", "STARTSWITH", "srv-0001")
gr.query(query)
tell("a query of one's own", [str(r.name) for r in gr][:2])
gr.location = 3
tell("a location", [gr.location, str(gr.name), gr.has_next()])
tell("its list", gr.get_link_list().startswith(INSTANCE + "/cmdb_ci_server_list.do?sysparm_query="))
gr = client.GlideRecord("problem")
gr.fields = "number,state"
gr.order_by("number")
gr.limit = 1
gr.query()
for mode in ("smart", "both", "value", "display"):
    frame = gr.to_pandas(mode=mode)
    tell(f"a frame: {mode}", {name: values for name, values in frame.items() if "sys_id" not in name})
frame = gr.to_pandas(columns=["id", "its number", "its state"], mode="value")
tell("a frame with names of its own", [list(frame), frame["its state"]])
made = client.GlideRecord("cmdb_ci_server")
made.initialize()
made.name = "dated"
made.get_element("name").set_value("renamed")
made.install_date = ""
made.get_element("install_date").set_date_numeric_value(1_700_000_000_000)
made.insert()
tell("a date by number", [str(made.name), str(made.install_date), made.get_element("install_date").date_numeric_value()])
made.set_link("company", "nowhere")
tell("deleted", made.delete())
gone = client.GlideRecord("cmdb_ci_server")
gone.initialize()
gone.sys_id = "f" * 32
tell("nothing to delete", failing(gone.delete))
tell("nothing to update", failing(gone.update))
text = client.GlideRecord("incident")
text.add_query("123TEXTQUERY321", "printer")
text.query()
tell("a text query", len(text) > 0)
client.session.close()
end()
