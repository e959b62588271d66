import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestEventPosition } from '@azure/event-hubs';
import { folder, post, postBatch, readAll, start } from '../test/start.mjs';
import { consumer, producer, receive } from './clients.mjs';

const bodies = (events) => events.map((e) => e.body);

test('a receiver gets back what the sender sent, with its types', async (t) => {
  const { amqpPort } = await start(t, folder(t));
  const sent = {
    body: Buffer.from([0, 255, 1]), messageId: 7, correlationId: Buffer.from('0123456789abcdef'), contentType: 'application/octet-stream',
    properties: { text: 'x', number: 3, yes: false, broken: 2.5 },
  };
  const client = producer(t, amqpPort);
  await client.sendBatch([sent], { partitionKey: 'tenant-42' });
  await client.sendBatch([{ bodyType: 'value', body: { a: [1, 'b'] }, messageAnnotations: { 'x-opt-mine': 'kept' }, header: { durable: true }, footer: { f: 1 } }], { partitionId: '2' });
  const [event, raw] = await receive(consumer(t, amqpPort), '2', 2);
  assert.deepEqual(event.body, sent.body);
  assert.deepEqual([event.messageId, event.contentType, event.partitionKey, event.sequenceNumber], [7, sent.contentType, 'tenant-42', 0]);
  assert.deepEqual(Buffer.from(event.correlationId), sent.correlationId);
  assert.deepEqual(event.properties, sent.properties);
  assert.ok(Math.abs(event.enqueuedTimeUtc - Date.now()) < 60_000);
  const message = raw.getRawAmqpMessage();
  assert.deepEqual(message.body, { a: [1, 'b'] });
  assert.equal(message.bodyType, 'value');
  assert.equal(message.header.durable, true);
  assert.deepEqual(message.footer, { f: 1 });
  assert.equal(message.messageAnnotations['x-opt-mine'], 'kept');
});

test('what was sent over HTTP is received over AMQP', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  await post(base, '/audit-events/partitions/0/messages', Buffer.from([9, 8]), { 'content-type': 'application/octet-stream', 'Site-Name': '"north"', Attempt: '3', BrokerProperties: '{"PartitionKey":"k"}' });
  await postBatch(base, '/audit-events/partitions/0/messages', [{ Body: '{"a":1}', UserProperties: { yes: true, none: null, broken: 0.5 } }]);
  const [one, two] = await receive(consumer(t, amqpPort), '0', 2);
  assert.deepEqual([one.body, one.contentType, one.partitionKey], [Buffer.from([9, 8]), 'application/octet-stream', 'k']);
  const properties = Object.fromEntries(Object.entries(one.properties).map(([name, value]) => [name.toLowerCase(), value]));
  assert.deepEqual(properties, { 'site-name': 'north', attempt: 3 });
  assert.deepEqual([two.body, two.properties], [{ a: 1 }, { yes: true, none: null, broken: 0.5 }]);
});

test('a receiver begins where its position says, inclusive or not', async (t) => {
  const { amqpPort, base } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  for (let i = 0; i < 10; i++) {
    await client.sendBatch([{ body: i }], { partitionId: '1' });
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  const stored = await readAll(base, 1);
  const reader = consumer(t, amqpPort);
  const from = async (position, count) => bodies(await receive(reader, '1', count, position));
  assert.deepEqual(await from({ offset: '-1' }, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(await from({ offset: stored[6].offset }, 3), [7, 8, 9]);
  assert.deepEqual(await from({ offset: stored[6].offset, isInclusive: true }, 4), [6, 7, 8, 9]);
  assert.deepEqual(await from({ sequenceNumber: 7 }, 2), [8, 9]);
  assert.deepEqual(await from({ sequenceNumber: 7, isInclusive: true }, 3), [7, 8, 9]);
  assert.deepEqual(await from({ enqueuedOn: Date.parse(stored[4].enqueuedTimeUtc) }, 5), [5, 6, 7, 8, 9]);
  const latest = receive(reader, '1', 1, latestEventPosition);
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  await client.sendBatch([{ body: 'new' }], { partitionId: '1' });
  assert.deepEqual(bodies(await latest), ['new']);

  const code = (expected) => (error) => { assert.equal(error.code, expected, error.message); return true; };
  await assert.rejects(receive(reader, '1', 1, { offset: '99999999' }), code('ArgumentError'));
  await assert.rejects(receive(reader, '1', 1, { sequenceNumber: 5000 }), code('ArgumentError'));
  await assert.rejects(receive(reader, '7', 1), code('ArgumentOutOfRangeError'));
  await assert.rejects(receive(consumer(t, amqpPort, { group: 'nobody' }), '1', 1), code('MessagingEntityNotFoundError'));
  await assert.rejects(receive(consumer(t, amqpPort, { key: 'wrong' }), '1', 1), code('UnauthorizedError'));
});

test('a receiver that asks is told how far the partition has got', async (t) => {
  const { amqpPort } = await start(t, folder(t));
  await producer(t, amqpPort).sendBatch([{ body: 'a' }, { body: 'b' }], { partitionId: '0' });
  const reader = consumer(t, amqpPort);
  let last;
  await new Promise((resolve, reject) => {
    const subscription = reader.subscribe('0', {
      processEvents: async (events, context) => {
        if (events.length === 0) return;
        last = context.lastEnqueuedEventProperties;
        await subscription.close();
        resolve();
      },
      processError: async (error) => reject(error),
    }, { startPosition: { sequenceNumber: -1 }, trackLastEnqueuedEventProperties: true, maxWaitTimeInSeconds: 1 });
  });
  assert.equal(last.sequenceNumber, 1);
  assert.match(last.offset, /^\d+$/);
});

test('an owner with a higher level displaces others, a lower one and one without are refused, and five without are the most', async (t) => {
  const { amqpPort } = await start(t, folder(t), '--consumer-group', 'second');
  const code = (expected) => (error) => { assert.equal(error.code, expected, error.message); return true; };
  const first = receive(consumer(t, amqpPort), '0', 1, undefined, { ownerLevel: 2 });
  const displaced = assert.rejects(first, code('ReceiverDisconnectedError'));
  await new Promise((resolve) => { setTimeout(resolve, 600); });
  const other = receive(consumer(t, amqpPort, { group: 'Second' }), '0', 1, undefined, { ownerLevel: 1 });
  const second = receive(consumer(t, amqpPort), '0', 1, undefined, { ownerLevel: 3 });
  await displaced;
  await assert.rejects(receive(consumer(t, amqpPort), '0', 1, undefined, { ownerLevel: 2 }), code('ReceiverDisconnectedError'));
  await assert.rejects(receive(consumer(t, amqpPort), '0', 1), code('ReceiverDisconnectedError'));

  const many = Array.from({ length: 5 }, () => receive(consumer(t, amqpPort), '1', 1));
  await new Promise((resolve) => { setTimeout(resolve, 800); });
  await assert.rejects(receive(consumer(t, amqpPort), '1', 1), code('QuotaExceededError'));
  const client = producer(t, amqpPort);
  await client.sendBatch([{ body: 'x' }], { partitionId: '0' });
  await client.sendBatch([{ body: 'y' }], { partitionId: '1' });
  assert.deepEqual(bodies(await second), ['x']);
  assert.deepEqual(bodies(await other), ['x']);
  assert.deepEqual((await Promise.all(many)).map(bodies), Array(5).fill(['y']));
});

test('all partitions at once: every event once, while more are sent', async (t) => {
  const { amqpPort } = await start(t, folder(t));
  const client = producer(t, amqpPort);
  const seen = new Map();
  const reader = consumer(t, amqpPort);
  const errors = [];
  const subscription = reader.subscribe({
    processEvents: async (events) => { for (const { body } of events) seen.set(body, (seen.get(body) ?? 0) + 1); },
    processError: async (error) => { errors.push(error); },
  }, { startPosition: { offset: '-1' }, maxBatchSize: 200, maxWaitTimeInSeconds: 1 });
  for (let b = 0; b < 40; b++) await client.sendBatch(Array.from({ length: 100 }, (_, i) => ({ body: b * 100 + i })), { partitionKey: `k${b}` });
  for (let waited = 0; seen.size < 4000 && waited < 15_000; waited += 50) await new Promise((resolve) => { setTimeout(resolve, 50); });
  await subscription.close();
  assert.deepEqual(errors, []);
  assert.equal(seen.size, 4000);
  assert.ok([...seen.values()].every((count) => count === 1));
});
