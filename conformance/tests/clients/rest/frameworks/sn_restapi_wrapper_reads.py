"""sn-restapi-wrapper: tables read a day at a time, by times that it writes as scripts."""

import sn_restapi_wrapper as wrapper
from session import INSTANCE, LOGIN, end, tell

url = INSTANCE + "/api/now/table/cmdb_ci_server"
# It asks for no order, so that only what comes in one page is whole.
pages = wrapper.fetch_data_for_date(
    url, "sys_created_on", "2020-01-01", "2099-12-31", "00:00:00", "23:59:59", *LOGIN, ["sys_id", "name"]
)
tell("rows", [len({row["sys_id"] for row in page}) for page in pages])
one = wrapper.get_result(url, "sys_created_on", "2026-01-05", "2026-01-05", "08:00:00", "08:00:00", 0, 10, *LOGIN, ["name", "sys_created_on"])
tell("a moment", one)
day = wrapper.fetch_filtered_data_custom(
    INSTANCE, "/api/now/table/cmdb_ci_server", "sys_created_on", "2026-01-05", "2026-01-06", "00:00:00", "23:59:59",
    *LOGIN, fields=["sys_id", "name"], additional_filter="nameSTARTSWITHsrv-0024",
)
tell("days, and a filter", sorted(day["name"]))
tell("refused", wrapper.get_result(url, "sys_created_on", "2026-01-05", "2026-01-05", "00:00:00", "23:59:59", 0, 10, LOGIN[0], "wrong", ["name"]))
end()
