// Does the peers' share of the benchmark `peers`: loads one corpus into one store, asks the queries one after another, writes times and answers.
//
//   node run.mjs PEER --corpus FILE --queries FILE --work DIR --out FILE [--azurite CONNECTION]
//
// Corpus: one event per line, fields between tabs, backslashes doubled: event id, account, time (Unix ms), user, resource name, event name, service,
// access key, source IP, body. Queries: [{kind, of, seconds, values: [[value | null, fromMs, toMs], …]}]; `of` is id, user, resource, name or count.
// A kind ends after its seconds (at the earliest after 20 queries). Out: {version, notes, rows, ingestSeconds, settledSeconds, bytes, kinds: [{kind, ms: […], answers: […]}]};
// an answer is the list of [event id, time] of its rows, or of [event name, count] of a count. Rows are fetched with their bodies.
// Exit codes: 0 done, 3 the peer is not installed, 1 it failed.
import { readFile, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

const peers = {
  postgresql: "./postgresql.mjs",
  sqlite: "./sqlite.mjs",
  clickhouse: "./clickhouse.mjs",
  duckdb: "./duckdb.mjs",
  "azurite-table": "./azuriteTable.mjs",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { corpus: { type: "string" }, queries: { type: "string" }, work: { type: "string" }, out: { type: "string" }, azurite: { type: "string" } },
});

async function open(name) {
  try {
    return await (await import(peers[name])).open(values);
  } catch (error) {
    if (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND" || error.code === "ENOENT") {
      process.stderr.write(`${name} is not installed: ${error.message.split("\n")[0]}\n`);
      process.exit(3);
    }
    throw error;
  }
}

async function ask(peer, { kind, of, seconds, values: asked }) {
  const [ms, answers] = [[], []];
  const begun = performance.now();
  // One that is not timed: statements are prepared, caches warm.
  await peer.query(of, ...asked[0]);
  for (const one of asked) {
    const started = performance.now();
    const answer = await peer.query(of, ...one);
    ms.push(performance.now() - started);
    answers.push(answer);
    if (ms.length >= 20 && performance.now() - begun > seconds * 1000) {
      break;
    }
  }
  return { kind, ms, answers };
}

const peer = await open(positionals[0]);
try {
  const started = performance.now();
  const rows = await peer.ingest(values.corpus);
  const ingestSeconds = (performance.now() - started) / 1000;
  await peer.settle();
  const settledSeconds = (performance.now() - started) / 1000;
  const bytes = await peer.bytes();
  const kinds = [];
  for (const query of JSON.parse(await readFile(values.queries, "utf8"))) {
    kinds.push(await ask(peer, query));
  }
  const { version, notes } = peer;
  await writeFile(values.out, JSON.stringify({ version, notes, rows, ingestSeconds, settledSeconds, bytes, kinds }));
} finally {
  await peer.close();
}
