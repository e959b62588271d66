import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventHubBufferedProducerClient } from '@azure/event-hubs';
import { partitionOfKey } from '../src/hash.mjs';
import { folder, readAll, start, text } from '../test/start.mjs';
import { connectionString, producer } from './clients.mjs';

const everything = async (base) => Promise.all([0, 1, 2, 3].map((p) => readAll(base, p)));

test('hub and partitions describe themselves, before and after events', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  const hub = await client.getEventHubProperties();
  assert.deepEqual([hub.name, hub.partitionIds], ['audit-events', ['0', '1', '2', '3']]);
  assert.ok(Math.abs(hub.createdOn - Date.now()) < 60_000);
  const empty = await client.getPartitionProperties('3');
  assert.deepEqual([empty.isEmpty, empty.beginningSequenceNumber, empty.lastEnqueuedSequenceNumber, empty.lastEnqueuedOffset], [true, 0, -1, '-1']);

  await client.sendBatch([{ body: 'a' }, { body: 'b' }], { partitionId: '3' });
  const full = await client.getPartitionProperties('3');
  const stored = await readAll(base, 3);
  assert.deepEqual([full.isEmpty, full.beginningSequenceNumber, full.lastEnqueuedSequenceNumber, full.lastEnqueuedOffset], [false, 0, 1, stored[1].offset]);
  assert.equal(full.lastEnqueuedOnUtc.getTime(), Date.parse(stored[1].enqueuedTimeUtc));
  await assert.rejects(client.getPartitionProperties('4'), /specified partition is invalid/);
});

test('batches without a key take turns, with a key go where its hash says, with a partition there', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  assert.equal((await client.createBatch()).maxSizeInBytes, 1_048_576);
  for (let i = 0; i < 4; i++) await client.sendBatch([{ body: 'x' }, { body: 'y' }]);
  assert.deepEqual((await everything(base)).map((events) => events.length), [2, 2, 2, 2]);

  const keys = ['tenant-42', 'é', '日本語のキー', 'a'.repeat(128)];
  for (const key of keys) await client.sendBatch([{ body: key }], { partitionKey: key });
  const batch = await client.createBatch({ partitionId: '2' });
  assert.ok(batch.tryAdd({ body: 'to two' }));
  await client.sendBatch(batch);
  const stored = await everything(base);
  for (const key of keys) {
    const event = stored[partitionOfKey(key, 4)].find((e) => text(e) === JSON.stringify(key));
    assert.equal(event.partitionKey, key);
  }
  assert.ok(stored[2].some((e) => text(e) === '"to two"'));
});

test('bodies of any size and all message properties arrive in the feed as they were sent', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  const sizes = [0, 1, 200, 255, 256, 65_000, 65_536, 70_000, 300_000];
  for (const size of sizes) await client.sendBatch([{ body: Buffer.alloc(size, size % 251) }], { partitionId: '0' });
  const bodies = (await readAll(base, 0)).map((e) => Buffer.from(e.body, 'base64'));
  assert.deepEqual(bodies.map((b) => b.length), sizes);
  assert.ok(bodies.every((b, i) => b.every((byte) => byte === sizes[i] % 251)));

  await client.sendBatch([{
    body: { eventId: 'e-1' },
    messageId: 'm-1', correlationId: 'c-1', contentType: 'application/json',
    properties: { text: 'ü', whole: 5, broken: 1.5, yes: true, none: null, when: new Date(1_700_000_000_123), 'cloudEvents:type': 'x' },
  }], { partitionId: '1' });
  await client.sendBatch([{
    bodyType: 'value', body: 'as a value', applicationProperties: { a: 1 },
    properties: { messageId: 'm-2', subject: 's', replyTo: 'r', to: 't', groupId: 'g', contentEncoding: 'gzip' },
    messageAnnotations: { 'x-opt-mine': 'kept', 'x-opt-sequence-number': 77 },
  }], { partitionId: '1' });
  await client.sendBatch([{ bodyType: 'value', body: { deep: [1, 'two', null] } }, { bodyType: 'sequence', body: [[1, 2], ['three']] }], { partitionId: '1' });
  const [plain, raw, value, sequence] = await readAll(base, 1);
  assert.deepEqual(JSON.parse(text(plain)), { eventId: 'e-1' });
  assert.equal(plain.contentType, 'application/json');
  assert.deepEqual(plain.properties, { text: 'ü', whole: 5, broken: 1.5, yes: true, none: null, when: '2023-11-14T22:13:20.123Z', 'cloudEvents:type': 'x' });
  assert.deepEqual(plain.systemProperties, { 'message-id': 'm-1', 'correlation-id': 'c-1', 'content-type': 'application/json' });
  assert.equal(text(raw), 'as a value');
  assert.deepEqual([raw.properties, raw.sequenceNumber], [{ a: 1 }, 1]);
  assert.deepEqual(raw.systemProperties, { 'x-opt-mine': 'kept', 'message-id': 'm-2', to: 't', subject: 's', 'reply-to': 'r', 'content-encoding': 'gzip', 'group-id': 'g' });
  assert.deepEqual([JSON.parse(text(value)), JSON.parse(text(sequence))], [{ deep: [1, 'two', null] }, [[1, 2], ['three']]]);
});

test('a message beyond a mebibyte is refused with an error that is not retried, and the link goes on', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(client.sendBatch([{ body: Buffer.alloc(1_100_000 + i * 4_000_000) }], { partitionId: '0' }), (error) => error.code === 'MessageTooLargeError' && error.retryable === false);
    await client.sendBatch([{ body: 'fits' }], { partitionId: '0' });
  }
  assert.deepEqual((await readAll(base, 0)).map(text), ['"fits"', '"fits"']);
});

test('what is not there and who has no right are told apart', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const code = (expected) => (error) => { assert.equal(error.code, expected, error.message); return true; };
  await assert.rejects(producer(t, amqpPort, { hub: 'other' }).getEventHubProperties(), code('MessagingEntityNotFoundError'));
  await assert.rejects(producer(t, amqpPort, { hub: 'other' }).sendBatch([{ body: 1 }]), code('MessagingEntityNotFoundError'));
  await assert.rejects(producer(t, amqpPort).sendBatch([{ body: 1 }], { partitionId: '9' }), code('ArgumentOutOfRangeError'));
  await assert.rejects(producer(t, amqpPort, { key: 'wrong' }).sendBatch([{ body: 1 }]), code('UnauthorizedError'));
  await assert.rejects(producer(t, amqpPort, { keyName: 'nobody' }).sendBatch([{ body: 1 }]), code('UnauthorizedError'));
  await assert.rejects(producer(t, amqpPort, { key: 'wrong' }).getEventHubProperties(), code('UnauthorizedError'));
  assert.deepEqual((await everything(base)).flat(), []);
});

test('the buffered producer delivers everything, and the same key lands where the plain producer puts it', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const failures = [];
  const buffered = new EventHubBufferedProducerClient(connectionString(amqpPort), 'audit-events', {
    onSendEventsErrorHandler: async ({ error }) => { failures.push(error); },
    maxWaitTimeInMs: 100,
  });
  for (let i = 0; i < 2000; i++) await buffered.enqueueEvent({ body: `${i}` }, i % 3 === 0 ? {} : { partitionKey: `key-${i % 50}` });
  await buffered.close({ flush: true });
  assert.deepEqual(failures, []);
  const stored = await everything(base);
  assert.deepEqual(stored.flat().map((e) => Number(JSON.parse(text(e)))).sort((a, b) => a - b), Array.from({ length: 2000 }, (_, i) => i));
  const careful = new EventHubBufferedProducerClient(connectionString(amqpPort), 'audit-events', {
    onSendEventsErrorHandler: async ({ error }) => { failures.push(error); }, maxWaitTimeInMs: 100, enableIdempotentRetries: true,
  });
  for (let i = 0; i < 300; i++) await careful.enqueueEvent({ body: `careful ${i}` });
  await careful.close({ flush: true });
  assert.deepEqual(failures, []);
  const carefully = (await everything(base)).flat().map(text).filter((body) => body.includes('careful'));
  assert.equal(new Set(carefully).size, 300);
  assert.equal(carefully.length, 300);

  const client = producer(t, amqpPort);
  await client.sendBatch([{ body: 'plain' }], { partitionKey: 'key-7' });
  const after = (await everything(base))[partitionOfKey('key-7', 4)];
  assert.ok(after.some((e) => text(e) === '"plain"') && after.some((e) => text(e) === '"7"'));
});
