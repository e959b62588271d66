import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOfKey } from '../src/hash.mjs';
import { makeToken } from '../src/sas.mjs';
import { folder, goodToken, post, postBatch, read, start, text } from './start.mjs';

const everything = async (base) => (await Promise.all([0, 1, 2, 3].map((p) => read(base, p)))).map((page) => page.events);

test('one event is kept with its bytes, content type and custom headers', async (t) => {
  const { base } = await start(t, folder(t));
  const bytes = Buffer.from([0x1f, 0x8b, 0, 255, 10]);
  const sent = await post(base, '/audit-events/partitions/2/messages?timeout=60&api-version=2014-01', bytes,
    { 'content-type': 'application/octet-stream', 'Content-Encoding': 'gzip', 'Site-Name': '"north"', 'Attempt': '3', BrokerProperties: '{"PartitionKey":"k"}' });
  assert.equal(sent.status, 201);
  const page = await read(base, 2);
  assert.match(page.namespace, /^local-[0-9a-f]{16}\.localhost$/);
  assert.deepEqual([page.hub, page.partition, page.events.length], ['audit-events', '2', 1]);
  const [event] = page.events;
  assert.deepEqual(Buffer.from(event.body, 'base64'), bytes);
  assert.deepEqual([event.sequenceNumber, event.partitionKey, event.contentType], [0, 'k', 'application/octet-stream']);
  const properties = Object.fromEntries(Object.entries(event.properties).map(([name, value]) => [name.toLowerCase(), value]));
  assert.deepEqual(properties, { 'content-encoding': 'gzip', 'site-name': 'north', attempt: 3 });
  assert.match(event.enqueuedTimeUtc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}0000Z$/);
});

test('a batch goes to one partition; a key chooses it; without one partitions take turns', async (t) => {
  const { base } = await start(t, folder(t));
  const batch = [{ Body: '{"a":"ä"}', UserProperties: { n: 1, s: 'x', b: true } }, { Body: 'two' }];
  for (let i = 0; i < 4; i++) assert.equal((await postBatch(base, '/audit-events/messages', batch)).status, 201);
  assert.deepEqual((await everything(base)).map((events) => events.map(text)), Array(4).fill(['{"a":"ä"}', 'two']));
  assert.deepEqual((await read(base, 0)).events[0].properties, { n: 1, s: 'x', b: true });

  assert.equal((await postBatch(base, '/audit-events/messages', [{ Body: 'k', BrokerProperties: { PartitionKey: 'tenant-42' } }])).status, 201);
  assert.equal((await postBatch(base, '/audit-events/publishers/tenant-42/messages', [{ Body: 'p' }])).status, 201);
  const keyed = (await read(base, partitionOfKey('tenant-42', 4), 'from=2')).events;
  assert.deepEqual(keyed.map((e) => [text(e), e.partitionKey]), [['k', 'tenant-42'], ['p', 'tenant-42']]);
});

test('what cannot be accepted is refused with its status, and nothing is stored', async (t) => {
  const { base } = await start(t, folder(t));
  const batchType = { 'content-type': 'application/vnd.microsoft.servicebus.json; charset=utf-8' };
  const later = Math.floor(Date.now() / 1000) + 60;
  const refusals = [
    [401, await post(base, '/audit-events/messages', 'x', { authorization: '' })],
    [401, await post(base, '/audit-events/messages', 'x', { authorization: makeToken('sb://localhost/audit-events', 'RootManageSharedAccessKey', 'wrong', later) })],
    [401, await post(base, '/audit-events/messages', 'x', { authorization: makeToken('sb://localhost/audit-events', 'RootManageSharedAccessKey', 'SAS_KEY_VALUE', 1) })],
    [404, await post(base, '/other/messages', 'x', { authorization: goodToken('sb://localhost/') })],
    [404, await post(base, '/audit-events/nothing', 'x')],
    [400, await post(base, '/audit-events/partitions/4/messages', 'x')],
    [400, await post(base, '/%E0%A4%A/messages', 'x')],
    [400, await post(base, '/audit-events/messages', '[{"Body":', batchType)],
    [400, await post(base, '/audit-events/messages', '{"Body":"x"}', batchType)],
    [400, await post(base, '/audit-events/messages', '[]', batchType)],
    [400, await post(base, '/audit-events/messages', '[{"Body":"good"},{"Body":7}]', batchType)],
    [400, await post(base, '/audit-events/messages', '[{"Body":"x","UserProperties":{"a":{}}}]', batchType)],
    [400, await post(base, '/audit-events/messages', '[{"Body":"x","BrokerProperties":{"PartitionKey":"a"}},{"Body":"y","BrokerProperties":{"PartitionKey":"b"}}]', batchType)],
    [400, await post(base, '/audit-events/publishers/a/messages', 'x', { BrokerProperties: '{"PartitionKey":"b"}' })],
    [400, await post(base, '/audit-events/messages', 'x', { BrokerProperties: 'no json' })],
    [413, await post(base, '/audit-events/messages', Buffer.alloc(1024 * 1024 + 1))],
    [413, await post(base, '/audit-events/messages', Buffer.alloc(6 * 1024 * 1024))],
  ];
  for (const [i, [status, response]] of refusals.entries()) {
    const detail = await response.text();
    assert.equal(response.status, status, `${i}: ${detail}`);
    assert.match(detail, new RegExp(`<Code>${status}</Code><Detail>.{10,}</Detail>`));
  }
  assert.equal((await fetch(`${base}/audit-events/messages`, { headers: { authorization: goodToken() } })).status, 405);
  assert.deepEqual((await everything(base)).flat(), []);
  assert.equal((await post(base, '/audit-events/messages', Buffer.alloc(1024 * 1024))).status, 201);
});

test('the feed waits for events, answers early when they come, and stays within `to`', async (t) => {
  const { base } = await start(t, folder(t));
  assert.deepEqual((await read(base, 0, 'from=0&waitMs=50')).events, []);
  const waiting = read(base, 0, 'from=0&minCount=3&waitMs=30000');
  await postBatch(base, '/audit-events/partitions/0/messages', [{ Body: '0' }, { Body: '1' }]);
  await postBatch(base, '/audit-events/partitions/0/messages', [{ Body: '2' }, { Body: '3' }]);
  assert.deepEqual((await waiting).events.map(text), ['0', '1', '2', '3']);
  assert.deepEqual((await read(base, 0, 'from=1&to=2&minCount=100&waitMs=30000')).events.map(text), ['1', '2']);
  assert.deepEqual((await read(base, 0, 'from=1&max=1&minCount=100&waitMs=30000')).events.map(text), ['1']);
  assert.equal((await fetch(`${base}/$runner/audit-events/partitions/0/events?from=5`)).status, 416);
  const summary = await (await fetch(`${base}/$runner/audit-events`)).json();
  assert.deepEqual(summary.partitions[0], { id: '0', first: 0, next: 4 });
  assert.deepEqual(summary.partitions.map((p) => p.id), ['0', '1', '2', '3']);
});

test('health answers as the official emulator does, and the feed is for this machine only', async (t) => {
  const { base, port } = await start(t, folder(t));
  assert.deepEqual(await (await fetch(`${base}/health`)).json(), { status: 'healthy', message: 'Service is healthy.' });
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/$runner/audit-events', headers: { host: 'attacker.example' } }, (r) => { r.resume(); resolve(r.statusCode); }).on('error', reject).end();
  });
  assert.equal(status, 403);
});
