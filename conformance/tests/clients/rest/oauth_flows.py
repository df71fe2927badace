"""The OAuth flows of PySNC and pysnow, with applications that an administrator makes through the API."""

import os
import time

import jwt
import pysnow
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pysnc import ServiceNowClient
from pysnc.auth import ServiceNowClientCredentialsFlow, ServiceNowJWTAuth, ServiceNowPasswordGrantFlow
from session import INSTANCE, LOGIN, end, failing, tell

SECRET = "s3cret of the application"
admin = requests.Session()
admin.auth = LOGIN


def make(table, **values):
    answer = admin.post(f"{INSTANCE}/api/now/table/{table}", json=values)
    answer.raise_for_status()
    return answer.json()["result"]


def servers(client):
    record = client.GlideRecord("cmdb_ci_server")
    record.limit = 5
    record.query()
    return len(record)


user = admin.get(f"{INSTANCE}/api/now/ui/user/current_user").json()["result"]["user_sys_id"]
plain = make("oauth_entity", name="plain", type="client", client_secret=SECRET, user=user)
tell("the instance makes the client id", len(plain["client_id"]))
tell("a secret is not shown", plain["client_secret"])
ID = plain["client_id"]

tell("by password", servers(ServiceNowClient(INSTANCE, ServiceNowPasswordGrantFlow(*LOGIN, ID, SECRET))))
wrong = ServiceNowPasswordGrantFlow(LOGIN[0], "wrong", ID, SECRET)
tell("by a wrong password", failing(ServiceNowClient, INSTANCE, wrong))
credentials = ServiceNowClientCredentialsFlow(ID, SECRET)
tell("by client credentials, disabled", failing(ServiceNowClient, INSTANCE, credentials))
make("sys_properties", name="glide.oauth.inbound.client.credential.grant_type.enabled", value="true")
tell("by client credentials", servers(ServiceNowClient(INSTANCE, ServiceNowClientCredentialsFlow(ID, SECRET))))
stranger = ServiceNowClientCredentialsFlow(ID, "another")
tell("by another secret", failing(ServiceNowClient, INSTANCE, stranger))

client = ServiceNowClient(INSTANCE, ServiceNowPasswordGrantFlow(*LOGIN, ID, SECRET))
token = client.session.token
refreshed = client.session.refresh_token(
    f"{INSTANCE}/oauth_token.do", client_id=ID, client_secret=SECRET
)
tell("refreshed", refreshed["access_token"] != token["access_token"])
tell("the refresh token stays", refreshed["refresh_token"] == token["refresh_token"])
tell("with the new one", servers(client))

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
public = key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
signed = make("oauth_jwt", name="signed", client_secret=SECRET, user_field="user_name")
certificate = make("sys_certificate", name="of a client", pem_certificate=public.decode())
make("jwt_verifier_map", oauth_jwt=signed["sys_id"], sys_certificate=certificate["sys_id"], kid="k1")
# The client leaves the port out, so that it is brought here by a proxy.
named = f"https://{os.environ['HOST']}"
os.environ["HTTPS_PROXY"] = os.environ["PROXY"]


def assertion(audience):
    now = int(time.time())
    claims = {"iss": signed["client_id"], "aud": audience, "sub": LOGIN[0], "iat": now, "exp": now + 60}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})


by_assertion = ServiceNowJWTAuth(signed["client_id"], SECRET, assertion(signed["client_id"]))
tell("by an assertion", servers(ServiceNowClient(named, by_assertion)))
for_another = ServiceNowJWTAuth(signed["client_id"], SECRET, assertion("another"))
tell("by an assertion for another", failing(servers, ServiceNowClient(named, for_another)))
del os.environ["HTTPS_PROXY"]

updates = []
old = pysnow.OAuthClient(
    client_id=ID, client_secret=SECRET, token_updater=updates.append, host=INSTANCE.removeprefix("https://")
)
old.set_token(old.generate_token(*LOGIN))
table = old.resource(api_path="/table/cmdb_ci_server")
tell("pysnow by password", len(table.get(query={}, limit=5).all()))
tell("pysnow by a wrong password", failing(old.generate_token, LOGIN[0], "wrong"))
end()
