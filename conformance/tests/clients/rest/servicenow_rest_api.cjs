// All methods of servicenow-rest-api, one after the other; it has callbacks and no promises.
"use strict";

const ServiceNow = require("servicenow-rest-api");

const host = process.env.INSTANCE.replace("https://", "");
const client = new ServiceNow(host, process.env.USERNAME, process.env.PASSWORD);
const told = {};
const lines = [];
console.log = (line) => lines.push(String(line));

// What it hands to a callback; an error comes the same way.
const asked = (method, ...given) =>
  new Promise((resolve) => client[method](...given, resolve));

const attach = async (table, sysId) => {
  const answer = await fetch(
    `${process.env.INSTANCE}/api/now/attachment/file?table_name=${table}&table_sys_id=${sysId}&file_name=note.txt`,
    {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${process.env.USERNAME}:${process.env.PASSWORD}`).toString("base64")}`,
        "content-type": "text/plain",
      },
      body: "attached",
    },
  );
  return (await answer.json()).result.sys_id;
};

const main = async () => {
  client.setNetworkOptions({ timeout: 10000 });
  client.Authenticate();
  for (let tries = 0; lines.length === 0 && tries < 500; tries += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  told["authenticated"] = lines.shift();
  const sample = await asked("getSampleData", "incident");
  told["a sample"] = [sample.length, typeof sample[0].caller_id];
  const rows = await asked(
    "getTableData",
    ["name", "sys_class_name"],
    ["nameSTARTSWITHsrv-0001", "nameLIKE5"],
    "cmdb_ci_server",
  );
  told["table data"] = rows;
  told["a whole table"] = (await asked("getTableData", ["sys_id"], [], "cmdb_ci_server")).length;
  const made = await asked(
    "createNewTask",
    { short_description: "made", impact: "1 - High", caller_id: "Joe Employee" },
    "incident",
  );
  told["created"] = [made.short_description, made.impact, made.caller_id.display_value];
  const sysId = await asked("getSysId", "incident", made.number);
  told["its id"] = sysId === made.sys_id && sysId.length;
  const changed = await asked("UpdateTask", "incident", made.number, { state: "In Progress" });
  told["updated"] = [changed.number === made.number, changed.state];
  const file = await attach("incident", sysId);
  told["attachment"] = (await asked("getAttachmentMetaData", file)).file_name;
  told["attachments"] = (await asked("getAllAttachmentsMetaData", sysId)).map((it) => it.size_bytes);
  const content = await asked("getAttachment", file);
  told["a file"] = content.data ?? content;
  const change = (await asked("getTableData", ["number", "sys_id"], [], "change_request"))[0];
  const task = await asked(
    "createNewTask",
    { short_description: "a task", change_request: change.number },
    "change_task",
  );
  const tasks = await asked("getChangeTasks", "change_task", change.number);
  told["change task"] = tasks.filter((it) => it.number === task.number).length;
  const gone = await asked("DeleteTask", "incident", made.number);
  told["deleted"] = gone.status;
  const missing = await asked("getTableData", [], [], "nothing");
  told["no such table"] = [missing.response?.status, missing.response?.data];
  const stranger = new ServiceNow(host, "nobody", "wrong");
  const refused = await new Promise((resolve) => stranger.getSampleData("incident", resolve));
  told["a wrong password"] = refused.response?.status;
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

main();
