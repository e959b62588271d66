// One table entity per event on Azurite: PartitionKey = account and month, RowKey = falling time and event id, filters on the other properties.
// The work folder is Azurite's own.
import { statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { batches, columnOf, rows } from "./corpus.mjs";

const lastMs = 9_999_999_999_999;
const rowKey = (t, id) => `${String(lastMs - t).padStart(13, "0")}-${id}`;

export async function open({ azurite, work }) {
  const { TableClient } = await import("@azure/data-tables");
  const client = TableClient.fromConnectionString(azurite, "peer", { allowInsecureConnection: true });
  await client.createTable();

  return {
    version: "3.35.0",
    notes: "one entity per event, transactions of 100, filters on the server without indexes; Azurite keeps tables in memory and saves them every 5 s, and is not Azure",
    async ingest(corpus) {
      let count = 0;
      for await (const batch of batches(corpus, 100)) {
        const actions = [...rows(batch)].map(([event_id, account, t, user_name, resource, event_name, service, access_key, source_ip, body]) => ["create", {
          partitionKey: account, rowKey: rowKey(Number(t), event_id), event_id, user_name, resource, event_name, service, access_key, source_ip, body,
        }]);
        await client.submitTransaction(actions);
        count += actions.length;
      }
      return count;
    },
    async bytes() {
      // Saved every 5 s.
      await delay(8000);
      return statSync(path.join(work, "__azurite_db_table__.json")).size;
    },
    async query(of, value, fromMs, toMs) {
      const filter = of === "id"
        ? `PartitionKey eq 'demo' and event_id eq '${value}'`
        : `PartitionKey eq 'demo' and RowKey gt '${rowKey(toMs - 1, "")}' and RowKey lt '${rowKey(fromMs, "~")}' and ${columnOf[of]} eq '${value}'`;
      const pages = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 50 });
      const found = [];
      // Pages may be short, or empty, before the end.
      for await (const page of pages) {
        found.push(...page.map((entity) => [entity.event_id, lastMs - Number(entity.rowKey.slice(0, 13))]));
        if (found.length >= 50) {
          return found.slice(0, 50);
        }
      }
      return found;
    },
    async settle() {},
    async close() {},
  };
}
