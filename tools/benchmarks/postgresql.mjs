// PostgreSQL in a cluster of its own: initdb into the work folder, a Unix socket there, no TCP. Durable as it comes: fsync and synchronous_commit on.
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { batches, columns, columnOf, countLines, indexed } from "./corpus.mjs";
import { start } from "./server.mjs";

const folders = [...(process.env.PATH ?? "").split(":"), ...["18", "17", "16", "15"].map((v) => `/usr/lib/postgresql/${v}/bin`)];

function binary(name) {
  const folder = folders.find((one) => existsSync(path.join(one, name)));
  if (!folder) {
    throw Object.assign(new Error(`there is no ${name} on PATH`), { code: "ENOENT" });
  }
  return path.join(folder, name);
}

// The server refuses to run as root; then it runs as the user that its package made.
function identity() {
  if (process.getuid() !== 0) {
    return {};
  }
  const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export async function open({ work }) {
  const [{ default: pg }, { from }] = [await import("pg"), await import("pg-copy-streams")];
  const [initdb, postgres] = [binary("initdb"), binary("postgres")];
  const who = identity();
  mkdirSync(work, { recursive: true });
  if (who.uid !== undefined) {
    chownSync(work, who.uid, who.gid);
  }
  const data = path.join(work, "data");
  execFileSync(initdb, ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale"], { ...who, cwd: work, stdio: "ignore" });
  const server = start(postgres, ["-D", data, "-k", work, "-c", "listen_addresses=", "-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"], { ...who, cwd: work });
  const client = await connect(pg, work, server);
  await client.query(`create table events (event_id text not null, account text not null, t bigint not null, user_name text, resource text, event_name text, service text,
    access_key text, source_ip text, body jsonb not null, primary key (account, event_id))`);
  await client.query("create index on events (account, t)");
  for (const column of indexed) {
    await client.query(`create index on events (account, ${column}, t)`);
  }
  const version = (await client.query("show server_version")).rows[0].server_version.split(" ")[0];

  return {
    version,
    notes: "jsonb, 8 indexes, COPY and commit per 1,000 events, fsync on, shared_buffers 1 GB",
    async ingest(corpus) {
      let count = 0;
      for await (const batch of batches(corpus, 1000)) {
        const stream = client.query(from(`copy events (${columns}) from stdin`));
        stream.end(batch);
        await once(stream, "finish");
        count += countLines(batch);
      }
      return count;
    },
    async settle() {
      await client.query("vacuum analyze events");
      await client.query("checkpoint");
    },
    async bytes() {
      return Number((await client.query("select pg_total_relation_size('events') as n")).rows[0].n);
    },
    async query(of, value, fromMs, toMs) {
      if (of === "count") {
        const { rows } = await client.query({ name: "count", rowMode: "array", text: "select event_name, count(*) from events where account = 'demo' and t >= $1 and t < $2 group by event_name", values: [fromMs, toMs] });
        return rows.map(([name, n]) => [name, Number(n)]);
      }
      const { rows } = of === "id"
        ? await client.query({ name: "id", rowMode: "array", text: "select event_id, t, body::text from events where account = 'demo' and event_id = $1", values: [value] })
        : await client.query({ name: of, rowMode: "array", text: `select event_id, t, body::text from events where account = 'demo' and ${columnOf[of]} = $1 and t >= $2 and t < $3 order by t desc limit 50`, values: [value, fromMs, toMs] });
      return rows.map(([id, t]) => [id, Number(t)]);
    },
    async close() {
      await client.end();
      server.kill("SIGINT");
      await once(server, "exit");
    },
  };
}

async function connect(pg, socket, server) {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ host: socket, user: "bench", database: "postgres" });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt >= 200 || server.exitCode !== null) {
        throw error;
      }
      await delay(100);
    }
  }
}
