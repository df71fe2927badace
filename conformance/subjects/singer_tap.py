"""A tap on singer-sdk: one table, pages by key, changes by their time."""

import os

from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BasicAuthenticator
from singer_sdk.pagination import BaseAPIPaginator
from singer_sdk.streams import RESTStream

COLUMNS = th.PropertiesList(
    th.Property("sys_id", th.StringType),
    th.Property("sys_updated_on", th.DateTimeType),
    th.Property("sys_mod_count", th.StringType),
    th.Property("name", th.StringType),
)


class Keyset(BaseAPIPaginator):
    def get_next(self, response):
        rows = response.json()["result"]
        return (rows[-1]["sys_updated_on"], rows[-1]["sys_id"]) if rows else None


class Table(RESTStream):
    primary_keys = ("sys_id",)
    replication_key = "sys_updated_on"
    records_jsonpath = "$.result[*]"
    is_sorted = True
    STATE_MSG_FREQUENCY = 100
    url_base = property(lambda self: self.config["url"] + "/api/now/table")
    path = property(lambda self: "/" + self.name)

    @property
    def authenticator(self):
        return BasicAuthenticator(username=self.config["username"], password=self.config["password"])

    @property
    def requests_session(self):
        # The framework sends prepared requests, to which the environment's authorities do not apply.
        session = super().requests_session
        session.verify = os.environ["REQUESTS_CA_BUNDLE"]
        return session

    def get_new_paginator(self):
        return Keyset(None)

    def get_url_params(self, context, token):
        since = (self.get_starting_replication_key_value(context) or "2000-01-01 00:00:00").replace("T", " ")[:19]
        query = f"sys_updated_on>={since}"
        if token:
            query = f"sys_updated_on>{token[0]}^NQsys_updated_on={token[0]}^sys_id>{token[1]}"
        fields, limit = ",".join(self.schema["properties"]), self.config["page_size"]
        order = "^ORDERBYsys_updated_on^ORDERBYsys_id"
        return {"sysparm_query": query + order, "sysparm_fields": fields, "sysparm_limit": limit}


class TapTable(Tap):
    name = "tap-table"
    config_jsonschema = th.PropertiesList(
        *(th.Property(name, th.StringType, required=True) for name in ("url", "username", "password", "table", "page_size"))
    ).to_dict()

    def discover_streams(self):
        return [Table(tap=self, name=self.config["table"], schema=COLUMNS.to_dict())]


if __name__ == "__main__":
    TapTable.cli()
