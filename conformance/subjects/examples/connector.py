"""A connector that speaks Snowproof's native protocol, of the standard library alone."""
import base64, json, ssl, sys, time, urllib.error, urllib.parse, urllib.request

REFUSALS = {  # what is told of an answer: class, other causes, next step
    401: ("auth.invalid_credentials", ["auth.account_locked", "auth.account_inactive"], "check user name and password"),
    403: ("authz.role", ["authz.table"], "ask the administrator for the role that reads this table"),
    429: ("throttle.rate_limit", [], "try again later, or ask for a higher rate limit"),
    503: ("instance.unavailable", [], "try again when the instance answers"),
}


class Failed(Exception):
    def __init__(self, message, name, candidates=(), next_step=None):
        self.diagnosis = {"class": name, "candidates": list(candidates), "message": message, "next_step": next_step}


def send(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def get(p, query, attempts=5):
    url = f"{p['base_url']}/api/now/table/{p['table']}?{urllib.parse.urlencode(query)}"
    login = base64.b64encode(f"{p['user']}:{p['password']}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}", "Accept": "application/json"})
    context = ssl.create_default_context(cafile=p["ca_file"])
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(request, timeout=float(p["timeout"]), context=context) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            wait = float(error.headers.get("Retry-After") or 2**attempt)
            if error.code not in (429, 503) or attempt == attempts or wait > 60:
                name, others, step = REFUSALS.get(error.code, ("instance.error", [], "ask the administrator"))
                raise Failed(f"the instance answered {error.code}", name, others, step)
            time.sleep(wait)
        except (ValueError, KeyError):
            raise Failed("the answer is no JSON", "protocol.not_json")
        except OSError as error:
            raise Failed(f"no connection: {error}", "net.closed", ["net.refused"], "check the URL and the network")


def run(p, verb, run_id):
    size, offset = int(p["page_size"]), 0
    page = get(p, {"sysparm_limit": 1 if verb == "check" else size, "sysparm_query": "ORDERBYsys_id"})
    while verb == "sync" and page:
        for record in page:
            send("record", run_id=run_id, table=p["table"], record=record)
        offset += size
        page = get(p, {"sysparm_limit": size, "sysparm_offset": offset, "sysparm_query": "ORDERBYsys_id"})


send("hello", protocol="snowproof.native/1", name="example-python", version="1", capabilities=["check", "sync", "basic"])
order = json.loads(sys.stdin.readline())
try:
    run(order["parameters"], order["verb"], order["run_id"])
    send("result", run_id=order["run_id"], outcome="success")
except Failed as failed:
    send("result", run_id=order["run_id"], outcome="failure", diagnosis=failed.diagnosis)
    sys.exit(1)
