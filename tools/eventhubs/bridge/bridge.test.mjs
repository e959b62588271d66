import assert from 'node:assert/strict';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EventHubProducerClient } from '@azure/event-hubs';
import rhea from 'rhea';
import { folder, post, postBatch, read, start, text } from '../test/start.mjs';
import { connectionString, startBridge } from './start.mjs';

const { types } = rhea;

function producer(t, amqpPort) {
  const client = new EventHubProducerClient(connectionString(amqpPort), { retryOptions: { maxRetries: 10, timeoutInMs: 4_000, retryDelayInMs: 100, maxRetryDelayInMs: 500 } });
  t.after(() => client.close());
  return client;
}

const describe = async (base) => (await fetch(`${base}/$runner/audit-events`)).json();
const numbers = ({ events }) => events.map((event) => event.sequenceNumber);

/** Polls as the runner does, over answers that say to come again. */
async function reading(base, partition, query) {
  for (let tries = 0; ; tries++) {
    try {
      return await read(base, partition, query);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
}

test('the feed of the bridge is the feed of the hub itself, byte for byte', async (t) => {
  const hub = await start(t, folder(t));
  const client = producer(t, hub.amqpPort);
  const raw = (body, bodyType = 'data') => ({ body, bodyType });
  const to = { partitionId: '1' };
  await client.sendBatch([
    { body: Buffer.from([0x1f, 0x8b, 0, 255]), contentType: 'application/gzip', messageId: 'm-1', correlationId: 7 },
    { body: Buffer.from(' {"a" : 1.0,\n"b":12345678901234567890} '), properties: { text: 'é', yes: true, half: 0.5, day: new Date(0), big: types.wrap_ulong(Buffer.alloc(8, 255)), id: types.wrap_uuid(Buffer.alloc(16, 7)), none: null } },
    { body: Buffer.alloc(0) },
    { body: Buffer.alloc(300_000, 65) },
    { ...raw('a text value', 'value'), messageAnnotations: { 'x-own': 5 }, properties: { subject: 'about', userId: 'u', absoluteExpiryTime: 1_800_000_000_000 } },
    raw([[1, 'two', { three: 3 }]], 'sequence'),
    raw({ deep: { long: types.wrap_long(Buffer.from('ffdfffffffffffff', 'hex')) } }, 'value'),
  ], to);
  await client.sendBatch([{ body: 'keyed' }], { partitionKey: 'a' });
  await postBatch(hub.base, '/audit-events/partitions/1/messages', [{ Body: '{"n":1}', UserProperties: { a: 1 } }]);

  const bridge = await startBridge(t, connectionString(hub.amqpPort));
  const [theirs, ours] = [await describe(hub.base), await describe(bridge.base)];
  assert.deepEqual(ours.partitions, theirs.partitions);
  assert.match(ours.namespace, /^made-\d{8}t\d{9}z\.localhost$/);
  for (const partition of [0, 1, 2, 3]) {
    const { next } = theirs.partitions[partition];
    const query = `from=0&minCount=${Math.max(1, next)}&waitMs=${next > 0 ? 10_000 : 10}`;
    const expected = await read(hub.base, partition, query);
    assert.deepEqual(await read(bridge.base, partition, query), { ...expected, namespace: ours.namespace });
  }
  assert.equal(ours.partitions.reduce((sum, { next }) => sum + next, 0), 9);
});

test('the feed waits, goes back and ahead, keeps to its limits, and refuses what is past the end', async (t) => {
  const hub = await start(t, folder(t));
  const client = producer(t, hub.amqpPort);
  for (let i = 0; i < 3000; i += 500) await client.sendBatch(Array.from({ length: 500 }, (_, n) => ({ body: `event ${i + n}` })), { partitionId: '2' });
  const bridge = await startBridge(t, connectionString(hub.amqpPort));
  const from = (first, count) => Array.from({ length: count }, (_, i) => first + i);
  assert.deepEqual(numbers(await read(bridge.base, 2, 'from=0&max=2000&minCount=2000&waitMs=10000')), from(0, 2000));
  assert.deepEqual(numbers(await read(bridge.base, 2, 'from=0&max=10&minCount=10&waitMs=10000')), from(0, 10));
  assert.deepEqual(numbers(await read(bridge.base, 2, 'from=2900&minCount=100&waitMs=10000')), from(2900, 100));
  assert.deepEqual(numbers(await read(bridge.base, 2, 'from=5&to=7&max=10&minCount=10&waitMs=10000')), [5, 6, 7]);
  assert.deepEqual(numbers(await read(bridge.base, 2, 'from=3000&waitMs=50')), []);

  const waiting = read(bridge.base, 2, 'from=3000&minCount=2&waitMs=20000');
  await client.sendBatch([{ body: 'late 1' }], { partitionId: '2' });
  await client.sendBatch([{ body: 'late 2' }], { partitionId: '2' });
  assert.deepEqual((await waiting).events.map(text), ['"late 1"', '"late 2"']);
  assert.equal((await fetch(`${bridge.base}/$runner/audit-events/partitions/2/events?from=3003`)).status, 416);
  assert.equal((await fetch(`${bridge.base}/$runner/other`)).status, 404);
  assert.equal((await fetch(`${bridge.base}/health`)).status, 200);

  // 24 MB: more than is read ahead, so the answer comes before all are there, and reading on brings the rest.
  for (let i = 0; i < 30; i++) await client.sendBatch([{ body: Buffer.alloc(800_000, i) }], { partitionId: '0' });
  const first = numbers(await read(bridge.base, 0, 'from=0&max=100&minCount=30&waitMs=20000'));
  assert.ok(first.length > 8 && first.length < 30, `${first.length} events at once`);
  const seen = [...first];
  while (seen.length < 30) seen.push(...numbers(await read(bridge.base, 0, `from=${seen.length}&max=100&minCount=1&waitMs=20000`)));
  assert.deepEqual(seen, from(0, 30));
});

test('what is sent to the bridge is in the hub once it is acknowledged, with the partition it was meant for', async (t) => {
  const hub = await start(t, folder(t));
  const bridge = await startBridge(t, connectionString(hub.amqpPort));
  assert.equal((await postBatch(bridge.base, '/audit-events/partitions/3/messages', [{ Body: 'é1', UserProperties: { n: 1, s: 't', b: true } }, { Body: '' }])).status, 201);
  assert.equal((await post(bridge.base, '/audit-events/partitions/3/messages', Buffer.from([0, 255, 1]), { 'content-type': 'application/x', 'Content-Encoding': 'gzip' })).status, 201);
  const { events } = await read(hub.base, 3);
  assert.deepEqual(events.map(({ body }) => body), [Buffer.from('é1').toString('base64'), '', Buffer.from([0, 255, 1]).toString('base64')]);
  assert.deepEqual(events[0].properties, { n: 1, s: 't', b: true });
  assert.equal(events[2].contentType, 'application/x');

  const key = { BrokerProperties: JSON.stringify({ PartitionKey: 'tenant-42' }) };
  assert.equal((await postBatch(bridge.base, '/audit-events/messages', [{ Body: 'k' }], key)).status, 201);
  assert.deepEqual((await read(hub.base, 2)).events.map(({ partitionKey }) => partitionKey), ['tenant-42']);

  assert.equal((await post(bridge.base, '/audit-events/messages', 'x', { authorization: 'SharedAccessSignature sr=a&sig=b&se=1&skn=c' })).status, 401);
  assert.equal((await post(bridge.base, '/audit-events/partitions/9/messages', 'x')).status, 400);
  assert.equal((await post(bridge.base, '/other/messages', 'x')).status, 404);
  hub.child.kill('SIGKILL');
  await hub.exited;
  assert.equal((await post(bridge.base, '/audit-events/messages', 'x')).status, 503);
});

test('hub and bridge are killed in turn: a reader that keeps its position loses nothing and sees nothing twice', async (t) => {
  const data = folder(t);
  let hub = await start(t, data);
  const ports = ['--http-port', String(hub.port), '--amqp-port', String(hub.amqpPort)];
  let bridge = await startBridge(t, connectionString(hub.amqpPort));
  const bridgePort = bridge.port;
  const client = producer(t, hub.amqpPort);
  const acknowledged = [];
  let sending = true;
  const sender = (async () => {
    for (let i = 0; sending; i += 10) {
      const bodies = Array.from({ length: 10 }, (_, n) => i + n);
      await client.sendBatch(bodies.map((body) => ({ body })), { partitionId: '0' });
      acknowledged.push(...bodies);
      await new Promise((resolve) => { setTimeout(resolve, 30); });
    }
  })();
  const seen = [];
  let next = 0;
  const namespaces = new Set();
  const readOn = async (goal) => {
    while (seen.length < goal || seen.length < acknowledged.length) {
      const page = await reading(bridge.base, 0, `from=${next}&max=200&minCount=1&waitMs=1000`);
      namespaces.add(page.namespace);
      for (const event of page.events) {
        assert.equal(event.sequenceNumber, next++);
        seen.push(Number(text(event)));
      }
    }
  };
  for (let round = 0; round < 2; round++) {
    await readOn(acknowledged.length + 100);
    hub.child.kill('SIGKILL');
    await hub.exited;
    hub = await start(t, data, ...ports);
    await readOn(acknowledged.length + 100);
    bridge.child.kill('SIGKILL');
    await bridge.exited;
    bridge = await startBridge(t, connectionString(hub.amqpPort), { options: ['--http-port', bridgePort, '--wait-seconds', '0'] });
  }
  sending = false;
  await sender;
  await readOn(0);
  assert.equal(namespaces.size, 1);
  assert.deepEqual(acknowledged.filter((body) => !seen.includes(body)), []);
});

test('a hub made anew has another namespace, though it holds as many events, and old positions are past its end', async (t) => {
  const data = folder(t);
  let hub = await start(t, data);
  const ports = ['--http-port', String(hub.port), '--amqp-port', String(hub.amqpPort)];
  const bridge = await startBridge(t, connectionString(hub.amqpPort));
  await postBatch(hub.base, '/audit-events/partitions/0/messages', Array.from({ length: 10 }, (_, i) => ({ Body: `old ${i}` })));
  const before = await read(bridge.base, 0, 'from=0&minCount=10&waitMs=10000');
  const waiting = fetch(`${bridge.base}/$runner/audit-events/partitions/0/events?from=10&waitMs=30000`);

  hub.child.kill('SIGKILL');
  await hub.exited;
  rmSync(data, { recursive: true });
  hub = await start(t, data, ...ports);
  await postBatch(hub.base, '/audit-events/partitions/0/messages', Array.from({ length: 12 }, (_, i) => ({ Body: `new ${i}` })));
  assert.equal((await waiting).status, 503);
  const after = await reading(bridge.base, 0, 'from=10&minCount=2&waitMs=10000');
  assert.notEqual(after.namespace, before.namespace);
  assert.deepEqual(after.events.map(text), ['new 10', 'new 11']);
  assert.equal((await fetch(`${bridge.base}/$runner/audit-events/partitions/0/events?from=13`)).status, 416);
});

test('positions of events that the hub no longer has begin at the first it kept', async (t) => {
  const data = folder(t);
  const before = await start(t, data);
  await postBatch(before.base, '/audit-events/partitions/0/messages', [{ Body: 'a' }, { Body: 'b' }]);
  before.child.stdin.end();
  await before.exited;
  const directory = join(data, 'audit-events', '0');
  const [name] = readdirSync(directory);
  renameSync(join(directory, name), join(directory, name.replace(/^\d+/, (digits) => '5000'.padStart(digits.length, '0'))));
  const hub = await start(t, data);
  const bridge = await startBridge(t, connectionString(hub.amqpPort));
  assert.deepEqual((await describe(bridge.base)).partitions[0], { id: '0', first: 5000, next: 5002 });
  assert.deepEqual(numbers(await read(bridge.base, 0, 'from=17&minCount=2&waitMs=10000')), [5000, 5001]);
});

test('what cannot work is said at the start, and never with the key', async (t) => {
  const { amqpPort } = await start(t, folder(t));
  const refused = async (connection, options) => {
    const { code, errors } = await startBridge(t, connection, { options: ['--wait-seconds', '1'], ...options });
    assert.equal(code, 2);
    assert.doesNotMatch(errors, /SECRET|SAS_KEY_VALUE/);
    return errors;
  };
  assert.match(await refused(connectionString(amqpPort, { key: 'SECRET-KEY' })), /signature/i);
  assert.match(await refused(connectionString(amqpPort, { hub: 'nowhere' })), /could not be found/);
  assert.match(await refused(connectionString(amqpPort), { group: 'strangers' }), /could not be found/);
  assert.match(await refused(connectionString(1)), /ECONNREFUSED/);
  assert.match(await refused('SharedAccessKey=SECRET'), /no connection string/);
});
