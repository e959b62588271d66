// node tables.mjs write|read TABLE_ENDPOINT ACCOUNT KEY TABLE
// write: puts the entities that Tables/InteropTests.cs expects, alone and in a transaction.
// read: prints every entity of the table as one line of JSON: keys, and each property as [type, value].
import { AzureNamedKeyCredential, TableClient, odata } from "@azure/data-tables";

const [verb, endpoint, account, key, table] = process.argv.slice(2);
const client = new TableClient(endpoint, table, new AzureNamedKeyCredential(account, key), { allowInsecureConnection: true });

function describe(value) {
  if (typeof value === "bigint") return ["Int64", value.toString()];
  if (value instanceof Uint8Array) return ["Binary", Buffer.from(value).toString("hex")];
  if (value instanceof Date) return ["DateTime", value.toISOString()];
  if (value !== null && typeof value === "object") return [value.type, value.value];
  return [typeof value, value];
}

if (verb === "write") {
  await client.createTable();
  await client.createEntity({
    partitionKey: "it's", rowKey: "js 漢字 +%20",
    Text: "\"quoted\" <é> 😀",
    Flag: true,
    Narrow: { type: "Int32", value: "-7" },
    Wide: 9223372036854775807n,
    Half: 0.5,
    Whole: { type: "Double", value: "3" },
    Time: { type: "DateTime", value: "2026-02-28T23:59:59.1234567Z" },
    Bytes: new Uint8Array([0, 1, 254, 255]),
    Id: { type: "Guid", value: "0f8fad5b-d9cb-469f-a165-70867728950e" },
  });
  await client.submitTransaction([
    ["create", { partitionKey: "it's", rowKey: "js-1", Text: "one" }],
    ["upsert", { partitionKey: "it's", rowKey: "js-2", Text: "two" }, "Replace"],
  ]);
} else {
  const filter = odata`PartitionKey eq ${"it's"}`;
  for await (const entity of client.listEntities({ queryOptions: { filter }, disableTypeConversion: false })) {
    const { partitionKey, rowKey, etag, timestamp, ...properties } = entity;
    const shown = Object.fromEntries(
      Object.entries(properties).filter(([name]) => !name.startsWith("odata")).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, describe(value)]));
    process.stdout.write(`${JSON.stringify({ partitionKey, rowKey, properties: shown })}\n`);
  }
}
