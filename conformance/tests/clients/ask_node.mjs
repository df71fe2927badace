// Arguments and output as for ask_curl.sh; the CA comes in the variable NODE_EXTRA_CA_CERTS.
import { request } from "node:https";

const credentials = `${process.env.SYNC_USER}:${process.env.SYNC_PASSWORD}`;
const body = JSON.stringify({ name: "one" });
const call = request(process.argv[3], {
  method: "POST",
  auth: credentials,
  agent: false,
  headers: {
    "Content-Type": "application/json",
    "Content-Length": body.length,
    Expect: "100-continue",
  },
});
const tell = (words) => {
  console.log(words);
  process.exit();
};
call.on("continue", () => call.end(body));
call.on("response", (answer) => tell(answer.statusCode));
call.on("error", (error) => tell(String(error)));
setTimeout(() => tell("gave up"), 1000 * process.argv[4]);
call.flushHeaders();
