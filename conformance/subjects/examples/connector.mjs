// A connector that speaks Snowproof's native protocol, of Node's own modules alone.
import https from "node:https";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const REFUSALS = { // what is told of an answer: class, other causes, next step
  401: ["auth.invalid_credentials", ["auth.account_locked", "auth.account_inactive"], "check user name and password"],
  403: ["authz.role", ["authz.table"], "ask the administrator for the role that reads this table"],
  429: ["throttle.rate_limit", [], "try again later, or ask for a higher rate limit"],
  503: ["instance.unavailable", [], "try again when the instance answers"],
};
const send = (type, fields) => process.stdout.write(JSON.stringify({ type, ...fields }) + "\n");
const failed = (message, name, candidates = [], next_step = null) =>
  Object.assign(new Error(message), { diagnosis: { class: name, candidates, message, next_step } });
function ask(p, query) {
  const url = `${p.base_url}/api/now/table/${p.table}?${new URLSearchParams(query)}`;
  const options = { ca: readFileSync(p.ca_file), auth: `${p.user}:${p.password}`, timeout: p.timeout * 1000 };
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ...options, headers: { accept: "application/json" } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part) => (body += part)).on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time"))).on("error", reject);
  }).catch((error) => {
    throw failed(`no connection: ${error.message}`, "net.closed", ["net.refused"], "check the URL and the network");
  });
}
async function get(p, query, attempts = 5) {
  for (let attempt = 1; ; attempt++) {
    const { status, headers, body } = await ask(p, query);
    try {
      if (status === 200) return JSON.parse(body).result;
    } catch { throw failed("the answer is no JSON", "protocol.not_json"); }
    const wait = Number(headers["retry-after"] ?? 2 ** attempt);
    const ends = ![429, 503].includes(status) || attempt === attempts || wait > 60;
    if (ends) throw failed(`the instance answered ${status}`, ...(REFUSALS[status] ?? ["instance.error"]));
    await sleep(1000 * wait);
  }
}

send("hello", { protocol: "snowproof.native/1", name: "example-node", version: "1", capabilities: ["check", "sync", "basic"] });
const line = await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
const { run_id, verb, parameters: p } = JSON.parse(line);
const page = (limit, offset) => get(p, { sysparm_limit: limit, sysparm_offset: offset, sysparm_query: "ORDERBYsys_id" });
try {
  const size = Number(p.page_size);
  let rows = await page(verb === "check" ? 1 : size, 0);
  for (let offset = size; verb === "sync" && rows.length > 0; offset += size) {
    for (const record of rows) send("record", { run_id, table: p.table, record });
    rows = await page(size, offset);
  }
  send("result", { run_id, outcome: "success" });
} catch (error) {
  send("result", { run_id, outcome: "failure", diagnosis: error.diagnosis });
  process.exitCode = 1;
}
process.stdin.destroy();
