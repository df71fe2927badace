// The words of axios. Input and output as for curl.sh; the first argument is the folder of the npm
// packages, and the CA comes in the variable NODE_EXTRA_CA_CERTS.
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const axios = createRequire(`${process.argv[2]}/`)("axios");
// A connection kept from the fault before could end with that fault's words.
const agents = {
  httpAgent: new http.Agent({ keepAlive: false }),
  httpsAgent: new https.Agent({ keepAlive: false }),
};
const auth = { username: process.env.SYNC_USER, password: process.env.SYNC_PASSWORD };

const { node, openssl } = process.versions;
console.log(`stack\taxios ${axios.VERSION}, Node v${node}, OpenSSL ${openssl}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [name, url, proxy, seconds] = line.split("\t");
  const options = { ...agents, auth, timeout: Number(seconds) * 1000, responseType: "json" };
  // Its default takes a body that is no JSON for a string and says nothing.
  options.transitional = { silentJSONParsing: false };
  if (proxy !== "-") {
    const { hostname, port } = new URL(proxy);
    options.proxy = { protocol: "http", host: hostname, port: Number(port) };
  }
  let words = "";
  try {
    await axios.get(url, options);
  } catch (error) {
    words = `${error.name}${error.code ? ` [${error.code}]` : ""}: ${error.message}`;
  }
  console.log(`${name}\t${words.replace(/\s+/g, " ")}`);
}
