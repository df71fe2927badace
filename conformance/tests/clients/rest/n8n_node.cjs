// n8n's ServiceNow node, its file alone: what stands in for its runtime here sends what it is told to.
"use strict";

const Module = require("node:module");
const path = require("node:path");

const { INSTANCE, USERNAME, PASSWORD } = process.env;
const told = {};
const sent = [];

// What the node uses of the runtime's library: names, and errors that carry what they were made of.
class NodeError extends Error {
  constructor(node, error) {
    super(error.message ?? String(error));
    this.status = error.status;
  }
}
const names = new Proxy({}, { get: (_, name) => String(name).toLowerCase() });
const workflow = { NodeApiError: NodeError, NodeOperationError: NodeError, NodeConnectionTypes: names };
const load = Module._load;
Module._load = (name, ...rest) => (name === "n8n-workflow" ? workflow : load(name, ...rest));

const folder = path.join(process.env.NODE_PATH, "..", "n8n-nodes-base", "dist");
const { ServiceNow } = require(path.join(folder, "nodes", "ServiceNow", "ServiceNow.node.js"));
const { ServiceNowBasicApi } = require(path.join(folder, "credentials", "ServiceNowBasicApi.credentials.js"));
const node = new ServiceNow();
const credential = new ServiceNowBasicApi();

const authorization = (password) =>
  `Basic ${Buffer.from(`${USERNAME}:${password}`).toString("base64")}`;

// It knows an instance by the first part of its name, and asks its runtime to send to there.
const here = (uri) => uri.replace("https://dev10001.service-now.com", INSTANCE);

const send = async (options, password = PASSWORD) => {
  const url = new URL(here(options.uri));
  for (const [name, value] of Object.entries(options.qs ?? {})) url.searchParams.set(name, value);
  sent.push(url.pathname);
  const binary = Buffer.isBuffer(options.body);
  const headers = { authorization: authorization(password), accept: "application/json", ...options.headers };
  if (options.body && !binary) headers["content-type"] = "application/json";
  const body = options.body && !binary ? JSON.stringify(options.body) : options.body;
  const answer = await fetch(url, { method: options.method, headers, body });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const text = bytes.toString();
  if (!answer.ok) throw Object.assign(new Error(text), { status: answer.status });
  const read = options.json === false ? bytes : text && JSON.parse(text);
  if (!options.resolveWithFullResponse) return read;
  return { body: read, headers: Object.fromEntries(answer.headers), statusCode: answer.status };
};

// What a node sees of its runtime, with the parameters of one run of it.
const runtime = (parameters, { password, file } = {}) => ({
  getInputData: () => [{ json: parameters.input ?? {} }],
  getNodeParameter: (name, _index, otherwise) =>
    ({ authentication: "basicAuth", options: {}, ...parameters })[name] ?? otherwise,
  getCredentials: async () => ({ user: USERNAME, password: PASSWORD, subdomain: "dev10001" }),
  getNode: () => ({ name: "ServiceNow" }),
  continueOnFail: () => false,
  helpers: {
    requestWithAuthentication: (_type, options) => send(options, password),
    prepareBinaryData: async (bytes, fileName, mimeType) => ({ bytes, fileName, mimeType }),
    assertBinaryData: () => ({ mimeType: "text/plain", fileName: "note.txt" }),
    getBinaryDataBuffer: async () => Buffer.from(file ?? ""),
    returnJsonArray: (data) => (Array.isArray(data) ? data : [data]).map((json) => ({ json })),
    constructExecutionMetaData: (items) => items,
  },
});

const run = async (resource, operation, parameters = {}, given = {}) => {
  const [items] = await node.execute.call(runtime({ resource, operation, ...parameters }, given));
  return items.map((item) => item.json?.json ?? item.json);
};

const options = (method, parameters = {}) =>
  node.methods.loadOptions[method].call(runtime({ resource: "incident", operation: "create", ...parameters }));

const failing = async (action) => {
  try {
    await action;
  } catch (error) {
    return error.status;
  }
  return null;
};

const all = { returnAll: true };

const main = async () => {
  const { url } = credential.test.request;
  const roles = await send({ method: "GET", uri: `${INSTANCE}${url}` });
  told["the credential's test"] = roles.result.some((it) => it.name === "admin");
  told["with a wrong password"] = await failing(send({ method: "GET", uri: `${INSTANCE}${url}` }, "wrong"));

  // What fills the node's lists to choose from.
  const tables = await options("getTables");
  told["tables"] = tables.filter((it) => ["incident", "cmdb_ci_server"].includes(it.value));
  const columns = await options("getColumns", { resource: "tableRecord", tableName: "problem" });
  told["columns"] = columns.filter((it) => it.value === "known_error");
  told["users"] = (await options("getUsers", { resource: "user" })).filter((it) => it.name === "connector").length;
  for (const list of ["Categories", "Subcategories", "States", "ResolutionCodes", "HoldReasons"]) {
    const choices = await options(`getIncident${list}`, { additionalFields: { category: "hardware" } });
    told[`incidents: ${list}`] = choices.map((it) => `${it.value}: ${it.name}`);
  }
  const groups = await options("getAssignmentGroups");
  told["groups"] = groups.map((it) => it.name);
  const group = groups.find((it) => it.name === "Service Desk").value;
  const members = await options("getUsers", { additionalFields: { assignment_group: group } });
  told["members of a group"] = members.map((it) => it.name);
  told["roles"] = (await options("getUserRoles")).some((it) => it.name === "itil");
  // It asks for no order, so that its pages repeat rows and leave gaps.
  told["items"] = (await options("getConfigurationItems")).length > 250;
  told["services"] = (await options("getBusinessServices")).map((it) => it.name);

  // Its operations.
  const servers = await run("tableRecord", "getAll", { tableName: "cmdb_ci_server", ...all });
  told["servers"] = servers.length;
  const page = { tableName: "cmdb_ci_server", returnAll: false, limit: 3, options: { sysparm_query: "ORDERBYname", sysparm_fields: ["name"] } };
  told["some servers"] = await run("tableRecord", "getAll", page);
  const kept = await run("configurationItems", "getAll", { ...all, options: { sysparm_query: "nameSTARTSWITHsrv-^ORDERBYname", sysparm_fields: "sys_id,name" } });
  told["items, all"] = [kept.length, new Set(kept.map((it) => it.sys_id)).size];
  for (const [resource, field] of [["department", "name"], ["businessService", "name"], ["userGroup", "name"]]) {
    const rows = await run(resource, "getAll", { ...all, options: { sysparm_query: `ORDERBY${field}`, sysparm_fields: field } });
    told[resource] = rows.map((it) => it[field]);
  }
  const described = { ...all, options: { sysparm_query: "name=incident^ORDERBYelement", sysparm_fields: "element" } };
  told["dictionary"] = (await run("dictionary", "getAll", described)).length > 5;
  told["role"] = (await run("userRole", "getAll", { returnAll: false, limit: 1, options: { sysparm_query: "name=admin", sysparm_fields: "name" } }))[0].name;
  const [made] = await run("incident", "create", { short_description: "made", additionalFields: { category: "hardware", impact: "1" } });
  told["created"] = [made.short_description, made.category, made.impact, made.number.slice(0, 3)];
  const id = made.sys_id;
  const [changed] = await run("incident", "update", { id, updateFields: { short_description: "changed", state: "2" } });
  told["updated"] = [changed.short_description, changed.state];
  const [got] = await run("incident", "get", { id, options: { sysparm_fields: "short_description,state", sysparm_display_value: "true" } });
  told["got"] = got;
  const [uploaded] = await run("attachment", "upload", { tableName: "incident", id, inputDataFieldName: "data" }, { file: "attached" });
  told["uploaded"] = [uploaded.file_name, uploaded.size_bytes, uploaded.content_type];
  const listed = await run("attachment", "getAll", { tableName: "incident", download: false, ...all, options: { queryFilter: `table_sys_id=${id}` } });
  told["attachments"] = listed.map((it) => it.file_name);
  const [[file]] = [await node.execute.call(runtime({ resource: "attachment", operation: "get", attachmentId: uploaded.sys_id, download: true, outputField: "data" }))];
  const binary = file[0].binary ?? file[0].json.binary;
  told["a file"] = binary.data.bytes.toString();
  told["a file deleted"] = await run("attachment", "delete", { attachmentId: uploaded.sys_id });
  told["deleted"] = await run("incident", "delete", { id });
  told["gone"] = await failing(run("incident", "get", { id }));
  const [record] = await run("tableRecord", "create", { tableName: "problem", dataToSend: "columns", fieldsToSend: { field: [{ column: "short_description", value: "by columns" }] } });
  told["a record"] = record.short_description;
  const [mapped] = await run("tableRecord", "create", { tableName: "problem", dataToSend: "mapInput", inputsToIgnore: "ignored", input: { description: "mapped", ignored: "x" } });
  told["a mapped record"] = mapped.description;
  const [user] = await run("user", "create", { short_description: "", additionalFields: { user_name: "made", first_name: "Ada" } });
  told["a user"] = [user.user_name, user.first_name];
  told["no such table"] = await failing(run("tableRecord", "getAll", { tableName: "nothing", ...all }));
  told["paths"] = [...new Set(sent.map((it) => it.replace(/[0-9a-f]{32}/, "ID")))].sort();
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

main();
