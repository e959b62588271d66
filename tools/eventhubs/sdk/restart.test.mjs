import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import { ContainerClient } from '@azure/storage-blob';
import { folder, readAll, start } from '../test/start.mjs';
import { consumer, producer } from './clients.mjs';

const patient = { retryOptions: { maxRetries: 10, timeoutInMs: 4_000, retryDelayInMs: 100, maxRetryDelayInMs: 500 } };
const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

async function until(condition, what) {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 25_000) throw new Error(`${what()} after 25 s`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

async function freePorts(count) {
  const probes = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => { const probe = createServer().listen(0, '127.0.0.1', () => resolve(probe)); })));
  return Promise.all(probes.map((probe) => new Promise((resolve) => { const { port } = probe.address(); probe.close(() => resolve(port)); })));
}

/** A container of an Azurite of its own. */
async function container(t) {
  const [blob, queue, table] = await freePorts(3);
  const run = fileURLToPath(new URL('../../azurite/run.mjs', import.meta.url));
  const child = spawn(process.execPath, [run, '--location', folder(t), '--blob-port', blob, '--queue-port', queue, '--table-port', table], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => { child.once('exit', resolve); });
  t.after(() => { child.kill('SIGKILL'); return exited; });
  await Promise.race([
    new Promise((resolve) => { child.stdout.on('data', (text) => { if (String(text).includes('ready')) resolve(); }); }),
    exited.then((code) => { throw new Error(`Azurite ended with ${code}; are the packages of tools/azurite installed?`); }),
  ]);
  const client = new ContainerClient(`DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${azuriteKey};BlobEndpoint=http://127.0.0.1:${blob}/devstoreaccount1;`, 'checkpoints');
  await client.create();
  return client;
}

/** Consumes all partitions with checkpoints; `seen` maps a body to how often it came. */
function consume(client, seen) {
  const partitions = new Set();
  const subscription = client.subscribe({
    processInitialize: async ({ partitionId }) => { partitions.add(partitionId); },
    processEvents: async (events, context) => {
      for (const { body } of events) seen.set(body, (seen.get(body) ?? 0) + 1);
      if (events.length > 0) await context.updateCheckpoint(events.at(-1));
    },
    processError: async () => {},
  }, { startPosition: { offset: '-1' }, maxBatchSize: 100, maxWaitTimeInSeconds: 0.2 });
  return { subscription, partitions };
}

test('consumers share the partitions by a checkpoint store, take over from each other, and go on where they were', async (t) => {
  const { amqpPort } = await start(t, folder(t));
  const store = new BlobCheckpointStore(await container(t));
  const client = producer(t, amqpPort);
  let sent = 0;
  const send = async (count) => { for (const end = sent + count; sent < end; sent += 50) await client.sendBatch(Array.from({ length: 50 }, (_, i) => ({ body: sent + i }))); };
  const seen = new Map();
  const balanced = { ...patient, loadBalancingOptions: { strategy: 'greedy', updateIntervalInMs: 300, partitionOwnershipExpirationIntervalInMs: 3000 } };

  const first = consume(consumer(t, amqpPort, { store, options: balanced }), seen);
  await send(400);
  await until(() => seen.size === 400, () => `${seen.size} of 400`);
  const second = consume(consumer(t, amqpPort, { store, options: balanced }), seen);
  await until(() => second.partitions.size >= 2, () => `the second consumer has ${second.partitions.size} partitions`);
  await first.subscription.close();
  await send(400);
  await until(() => seen.size === 800, () => `${seen.size} of 800`);
  await second.subscription.close();
  await send(200);
  const again = new Map();
  const third = consume(consumer(t, amqpPort, { store, options: balanced }), again);
  await until(() => again.size >= 200, () => `${again.size} of 200`);
  await third.subscription.close();
  assert.deepEqual([...again.keys()].sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => 800 + i));
});

test('killed and started again under live clients, nothing that was acknowledged is lost, with a torn tail too', async (t) => {
  const data = folder(t);
  let server = await start(t, data);
  const { port, amqpPort } = server;
  const client = producer(t, amqpPort, { options: patient });
  const reader = consumer(t, amqpPort, { options: patient });
  const seen = new Map();
  const subscription = reader.subscribe({
    processEvents: async (events) => { for (const { body } of events) seen.set(body, (seen.get(body) ?? 0) + 1); },
    processError: async () => {},
  }, { startPosition: { offset: '-1' }, maxWaitTimeInSeconds: 0.2 });
  const acknowledged = new Set();
  let sending = true;
  const sender = (async () => {
    for (let i = 0; sending; i += 20) {
      const bodies = Array.from({ length: 20 }, (_, n) => i + n);
      await client.sendBatch(bodies.map((body) => ({ body })), { partitionId: String(i / 20 % 4) });
      for (const body of bodies) acknowledged.add(body);
    }
  })();

  for (let round = 1; round <= 2; round++) {
    const goal = acknowledged.size + 600;
    await until(() => acknowledged.size >= goal, () => `${acknowledged.size} of ${goal} acknowledged`);
    server.child.kill('SIGKILL');
    await server.exited;
    const directory = join(data, 'audit-events', '2');
    const tail = openSync(join(directory, readdirSync(directory).sort().at(-1)), 'a');
    writeSync(tail, Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    closeSync(tail);
    server = await start(t, data, '--http-port', String(port), '--amqp-port', String(amqpPort));
    assert.match(server.errors(), /cut 7 bytes/);
  }
  const goal = acknowledged.size + 400;
  await until(() => acknowledged.size >= goal, () => `${acknowledged.size} of ${goal} acknowledged`);
  sending = false;
  await sender;
  await until(() => seen.size >= acknowledged.size, () => `${seen.size} of ${acknowledged.size} received`);
  await subscription.close();
  const stored = (await Promise.all([0, 1, 2, 3].map((p) => readAll(server.base, p)))).flat().map((e) => Number(Buffer.from(e.body, 'base64').toString()));
  assert.deepEqual([...acknowledged].filter((body) => !stored.includes(body)), []);
  assert.deepEqual([...acknowledged].filter((body) => !seen.has(body)), []);
});
