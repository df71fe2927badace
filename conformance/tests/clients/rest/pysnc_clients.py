"""PySNC's clients: each way to make one, and the APIs beneath its records, as they are documented."""

import requests
from pysnc import ServiceNowClient
from requests.auth import HTTPBasicAuth
from session import FOLDER, HOST, INSTANCE, LOGIN, PROXY, end, failing, tell


def who(client):
    """Whom the instance takes this client for."""
    user = client.GlideRecord("sys_user")
    user.fields = ["user_name"]
    user.add_encoded_query("sys_id=javascript:gs.getUserID()")
    user.query()
    return [user.next(), str(user.user_name)]


tell("a name and a password", who(ServiceNowClient(INSTANCE, LOGIN)))
tell("an authentication of requests", who(ServiceNowClient(INSTANCE, HTTPBasicAuth(*LOGIN))))
session = requests.Session()
session.auth = LOGIN
tell("a session of requests", who(ServiceNowClient(INSTANCE, session)))
authority = FOLDER + "/ca.pem"
tell("an authority of its own", who(ServiceNowClient(INSTANCE, LOGIN, verify=authority)))
tell("without retries", who(ServiceNowClient(INSTANCE, LOGIN, auto_retry=False)))
short = HOST.removesuffix(".service-now.com")
tell("a proxy", who(ServiceNowClient(short, LOGIN, proxy=PROXY, verify=authority)))
both = {"http": PROXY, "https": PROXY}
tell("proxies by scheme", who(ServiceNowClient("https://" + HOST, LOGIN, proxy=both, verify=authority)))
tell("nothing to authenticate with", failing(ServiceNowClient, INSTANCE))

client = ServiceNowClient(INSTANCE, LOGIN)
tell("its instance", client.instance == INSTANCE)
tell("guesses", [client.guess_is_sys_id("a" * 32), client.guess_is_sys_id("a" * 31)])

# The API of tables, record by record.
record = client.GlideRecord("problem")
record.fields = "sys_id,number,short_description"
record.order_by("number")
record.limit = 2
listed = client.table_api.list(record)
tell("listed", [listed.status_code, [row["number"]["value"] for row in listed.json()["result"]]])
tell("the count of all", listed.headers["X-Total-Count"])
made = client.GlideRecord("problem")
made.initialize()
made.short_description = "by the API"
posted = client.table_api.post(made)
tell("posted", [posted.status_code, posted.json()["result"]["short_description"]["value"]])
sys_id = posted.json()["result"]["sys_id"]["value"]
got = client.table_api.get(record, sys_id)
tell("got", [got.status_code, sorted(got.json()["result"])])
made.get(sys_id)
made.short_description = "patched"
tell("patched", client.table_api.patch(made).json()["result"]["short_description"]["value"])
made.short_description = "put"
tell("put", client.table_api.put(made).json()["result"]["short_description"]["value"])

# The API of attachments.
uploaded = client.attachment_api.upload_file("a.txt", "problem", sys_id, b"attached", "text/plain")
file = uploaded.json()["result"]["sys_id"]
tell("uploaded", [uploaded.status_code, file in uploaded.headers["Location"]])
tell("its file", client.attachment_api.get_file(file, stream=False).content.decode())
tell("its record", client.attachment_api.get(file).json()["result"]["file_name"])
tell("deleted", [client.attachment_api.delete(file).status_code, client.table_api.delete(made).status_code])

# The API of batches, all of its requests in one.
answers = []


def keep(response):
    answers.append([response.status_code, len(response.json()["result"])])


batched = client.GlideRecord("problem")
batched.initialize()
batched.short_description = "batched"
client.batch_api.list(record, keep)
client.batch_api.post(batched, lambda response: answers.append([response.status_code, str(response.json()["result"]["short_description"]["value"])]))
first = listed.json()["result"][0]["sys_id"]["value"]
client.batch_api.get(record, first, keep)
client.batch_api.execute()
tell("batched", answers)
client.session.close()
end()
