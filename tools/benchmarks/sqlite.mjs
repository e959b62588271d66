// SQLite in this process, one file, write-ahead log.
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { batches, columns, columnOf, indexed, rows } from "./corpus.mjs";

export async function open({ work }) {
  const { default: Database } = await import("better-sqlite3");
  mkdirSync(work, { recursive: true });
  const file = path.join(work, "events.db");
  const db = new Database(file);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.pragma("cache_size = -1000000");
  db.exec(`create table events (event_id text not null, account text not null, t integer not null, user_name text, resource text, event_name text, service text,
    access_key text, source_ip text, body text not null);
    create unique index by_id on events (account, event_id);
    create index by_time on events (account, t);
    ${indexed.map((column) => `create index by_${column} on events (account, ${column}, t);`).join("\n")}`);
  const insert = db.prepare(`insert into events (${columns}) values (${columns.map(() => "?")})`);
  const store = db.transaction((batch) => {
    let count = 0;
    for (const row of rows(batch)) {
      row[2] = Number(row[2]);
      insert.run(row);
      count++;
    }
    return count;
  });
  const prepare = (where) => db.prepare(`select event_id, t, body from events where account = 'demo' and ${where}`).raw();
  const statements = {
    id: prepare("event_id = ?"),
    count: db.prepare("select event_name, count(*) from events where account = 'demo' and t >= ? and t < ? group by event_name").raw(),
    ...Object.fromEntries(Object.entries(columnOf).map(([of, column]) => [of, prepare(`${column} = ? and t >= ? and t < ? order by t desc limit 50`)])),
  };

  return {
    version: db.prepare("select sqlite_version() as v").get().v,
    notes: "in the client's process, text, 8 indexes, transaction per 1,000 events, WAL, synchronous=NORMAL (no fsync per commit), 1 GB of page cache",
    async ingest(corpus) {
      let count = 0;
      for await (const batch of batches(corpus, 1000)) {
        count += store(batch);
      }
      return count;
    },
    async settle() {
      db.exec("analyze");
      db.pragma("wal_checkpoint(truncate)");
    },
    async bytes() {
      return statSync(file).size;
    },
    async query(of, value, fromMs, toMs) {
      const found = of === "count" ? statements.count.all(fromMs, toMs) : of === "id" ? statements.id.all(value) : statements[of].all(value, fromMs, toMs);
      return found.map(([key, number]) => [key, number]);
    },
    async close() {
      db.close();
    },
  };
}
