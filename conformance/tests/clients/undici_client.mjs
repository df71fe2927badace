// The words of undici's fetch with the proxy of the environment. Input, output and arguments as for
// axios_client.mjs.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const packages = createRequire(`${process.argv[2]}/`);
const { EnvHttpProxyAgent, fetch } = packages("undici");
const credentials = Buffer.from(`${process.env.SYNC_USER}:${process.env.SYNC_PASSWORD}`);
const headers = { Authorization: `Basic ${credentials.toString("base64")}` };

function chain(error) {
  const words = [];
  for (let cause = error; cause; cause = cause.cause) {
    words.push(`${cause.name}${cause.code ? `[${cause.code}]` : ""}: ${cause.message}`);
  }
  return words.join(" <- ");
}

const { version } = packages("undici/package.json");
console.log(`stack\tundici ${version}, Node ${process.version}, OpenSSL ${process.versions.openssl}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [name, url, proxy, seconds] = line.split("\t");
  let words = "";
  try {
    const dispatcher = new EnvHttpProxyAgent({ httpsProxy: proxy === "-" ? undefined : proxy });
    const signal = AbortSignal.timeout(Number(seconds) * 1000);
    const answer = await fetch(url, { headers, signal, dispatcher });
    if (!answer.ok) throw new Error(`HTTP ${answer.status} ${answer.statusText}`);
    await answer.json();
  } catch (error) {
    words = chain(error);
  }
  console.log(`${name}\t${words.replace(/\s+/g, " ")}`);
}
