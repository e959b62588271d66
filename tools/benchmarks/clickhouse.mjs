// ClickHouse as a server of its own on loopback, spoken to over its HTTP interface. Written for versions as old as Debian's 18.16, so without skip indexes.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import net from "node:net";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { batches, columnOf, countLines } from "./corpus.mjs";
import { start } from "./server.mjs";

const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];

function command() {
  for (const [name, ...rest] of [["clickhouse-server"], ["clickhouse", "server"]]) {
    const folder = folders.find((one) => existsSync(path.join(one, name)));
    if (folder) {
      return [path.join(folder, name), ...rest];
    }
  }
  throw Object.assign(new Error("there is no clickhouse-server on PATH"), { code: "ENOENT" });
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const text = (value) => `'${String(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

export async function open({ work }) {
  const [program, ...rest] = command();
  const [port, tcp, between] = [await freePort(), await freePort(), await freePort()];
  mkdirSync(work, { recursive: true });
  const config = path.join(work, "config.xml");
  writeFileSync(config, `<yandex><logger><level>warning</level><log>${work}/log</log><errorlog>${work}/errors</errorlog></logger>
    <http_port>${port}</http_port><tcp_port>${tcp}</tcp_port><interserver_http_port>${between}</interserver_http_port><listen_host>127.0.0.1</listen_host>
    <path>${work}/data/</path><tmp_path>${work}/tmp/</tmp_path><user_files_path>${work}/files/</user_files_path><users_config>users.xml</users_config>
    <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>1073741824</mark_cache_size>
    <compression><case><min_part_size>0</min_part_size><min_part_size_ratio>0</min_part_size_ratio><method>zstd</method></case></compression></yandex>`);
  writeFileSync(path.join(work, "users.xml"), `<yandex><profiles><default><max_memory_usage>4000000000</max_memory_usage></default></profiles>
    <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
    <quotas><default></default></quotas></yandex>`);
  const server = start(program, [...rest, `--config-file=${config}`], { cwd: work });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const run = (sql, body) => send(agent, port, sql, body);
  await ready(run, server);
  // Blocks of 8,192 rows of one-kilobyte bodies are too coarse for pages of 50: marks every 1,024.
  await run(`create table events (event_id String, account String, t Int64, user_name String, resource String, event_name String, service String, access_key String, source_ip String, body String)
    engine = MergeTree partition by tuple() order by (account, t) settings index_granularity = 1024`);

  return {
    version: (await run("select version()")).trim(),
    notes: "MergeTree by (account, time), zstd, marks every 1,024 rows, inserts of 20,000 events, no fsync, pages in two steps, 2018 code without skip indexes",
    async ingest(corpus) {
      let count = 0;
      for await (const batch of batches(corpus, 20_000)) {
        await run("insert into events format TabSeparated", batch);
        count += countLines(batch);
      }
      return count;
    },
    async settle() {
      await run("optimize table events final");
    },
    async bytes() {
      return Number(await run("select sum(bytes_on_disk) from system.parts where active and table = 'events'"));
    },
    async query(of, value, fromMs, toMs) {
      const range = `account = 'demo' and t >= ${fromMs} and t < ${toMs}`;
      if (of === "count") {
        return rows(await run(`select event_name, count() from events where ${range} group by event_name`));
      }
      if (of === "id") {
        return rows(await run(`select event_id, t, body from events prewhere event_id = ${text(value)} where account = 'demo'`));
      }
      // Which events first, then their bodies: else the bodies of every mark with a match would be read.
      const page = rows(await run(`select event_id, t from events prewhere ${columnOf[of]} = ${text(value)} where ${range} order by t desc limit 50`));
      if (page.length === 0) {
        return page;
      }
      const [times, ids] = [[...new Set(page.map(([, t]) => t))], page.map(([id]) => text(id))];
      const whole = rows(await run(`select event_id, t, body from events prewhere account = 'demo' and t in (${times}) where event_id in (${ids}) order by t desc`));
      if (whole.length !== page.length) {
        throw new Error(`${page.length} events have ${whole.length} bodies`);
      }
      return whole;
    },
    async close() {
      agent.destroy();
      server.kill("SIGTERM");
      await once(server, "exit");
    },
  };
}

const rows = (answer) => answer.split("\n").filter(Boolean).map((line) => {
  const [key, number] = line.split("\t", 2);
  return [key, Number(number)];
});

function send(agent, port, sql, body) {
  return new Promise((resolve, reject) => {
    const target = body ? `/?query=${encodeURIComponent(sql)}` : "/";
    const request = http.request({ agent, port, host: "127.0.0.1", path: target, method: "POST" }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const all = Buffer.concat(chunks).toString("utf8");
        if (answer.statusCode === 200) {
          resolve(all);
        } else {
          reject(new Error(`ClickHouse answered ${answer.statusCode}: ${all.slice(0, 500)}`));
        }
      });
    });
    request.on("error", reject);
    request.end(body ?? sql);
  });
}

async function ready(run, server) {
  for (let attempt = 0; ; attempt++) {
    try {
      await run("select 1");
      return;
    } catch (error) {
      if (attempt >= 200 || server.exitCode !== null) {
        throw error;
      }
      await delay(100);
    }
  }
}
