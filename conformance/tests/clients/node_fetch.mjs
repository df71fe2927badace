// The words of Node's own fetch. Input and output as for curl.sh; the CA comes in the variable
// NODE_EXTRA_CA_CERTS. It knows no proxy.
import { createInterface } from "node:readline";

const credentials = Buffer.from(`${process.env.SYNC_USER}:${process.env.SYNC_PASSWORD}`);
const headers = { Authorization: `Basic ${credentials.toString("base64")}` };

function chain(error) {
  const words = [];
  for (let cause = error; cause; cause = cause.cause) {
    words.push(`${cause.name}${cause.code ? `[${cause.code}]` : ""}: ${cause.message}`);
  }
  return words.join(" <- ");
}

const { undici, openssl } = process.versions;
console.log(`stack\tfetch of Node ${process.version}, undici ${undici}, OpenSSL ${openssl}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [name, url, , seconds] = line.split("\t");
  let words = "";
  try {
    const signal = AbortSignal.timeout(Number(seconds) * 1000);
    const answer = await fetch(url, { headers, signal });
    if (!answer.ok) throw new Error(`HTTP ${answer.status} ${answer.statusText}`);
    await answer.json();
  } catch (error) {
    words = chain(error);
  }
  console.log(`${name}\t${words.replace(/\s+/g, " ")}`);
}
