// DuckDB in this process, one file, loaded at once from the corpus.
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { columns, columnOf } from "./corpus.mjs";

export async function open({ work }) {
  const { DuckDBInstance, version } = await import("@duckdb/node-api");
  mkdirSync(work, { recursive: true });
  const file = path.join(work, "events.duckdb");
  const instance = await DuckDBInstance.create(file);
  const db = await instance.connect();
  await db.run("create table events (event_id varchar, account varchar, t bigint, user_name varchar, resource varchar, event_name varchar, service varchar, access_key varchar, source_ip varchar, body varchar)");
  const page = (where) => db.prepare(`select event_id, t, body from events where account = 'demo' and ${where}`);
  const statements = {
    id: await page("event_id = $1"),
    count: await db.prepare("select event_name, count(*) from events where account = 'demo' and t >= $1 and t < $2 group by event_name"),
  };
  for (const [of, column] of Object.entries(columnOf)) {
    statements[of] = await page(`${column} = $1 and t >= $2 and t < $3 order by t desc limit 50`);
  }

  return {
    version: version().replace("v", ""),
    notes: "in the client's process, one bulk load of the whole file, no index, all cores",
    async ingest(corpus) {
      const types = columns.map((column) => `'${column}': '${column === "t" ? "BIGINT" : "VARCHAR"}'`).join(", ");
      await db.run(`insert into events select * replace (replace(body, '\\\\', '\\') as body) from read_csv('${corpus}', delim = '\t', quote = '', escape = '', header = false, auto_detect = false, columns = {${types}})`);
      const [[count]] = (await db.runAndReadAll("select count(*) from events")).getRows();
      return Number(count);
    },
    async settle() {
      await db.run("checkpoint");
    },
    async bytes() {
      return statSync(file).size;
    },
    async query(of, value, fromMs, toMs) {
      const statement = statements[of];
      statement.clearBindings();
      let at = 1;
      if (of !== "count") {
        statement.bindVarchar(at++, value);
      }
      if (of !== "id") {
        statement.bindBigInt(at++, BigInt(fromMs));
        statement.bindBigInt(at, BigInt(toMs));
      }
      return (await statement.runAndReadAll()).getRows().map(([key, number]) => [key, Number(number)]);
    },
    async close() {
      db.closeSync();
      instance.closeSync();
    },
  };
}
