import assert from 'node:assert/strict';
import { test } from 'node:test';
import rhea from 'rhea';
import { makeToken } from '../src/sas.mjs';
import { writeNull, writeText } from '../src/amqp/wire.mjs';
import { connect, event, frame, header, putToken, raw, serve, uint } from './amqp-start.mjs';

const reader = 'audit-events/ConsumerGroups/$default/Partitions/0';
const fill = (hub, count, size = 10) => { for (let i = 0; i < count; i++) hub.append([{ key: null, contentType: null, properties: null, body: Buffer.alloc(size, i % 251) }], { partition: 0 }); };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

test('no more is sent than there is credit, and draining gives the rest of the credit back', async (t) => {
  const { port, hub } = await serve(t);
  fill(hub, 7);
  const connection = await connect(t, port);
  const receiver = connection.open_receiver({ source: reader, credit_window: 0 });
  const numbers = [];
  receiver.on('message', ({ message }) => numbers.push(message.message_annotations['x-opt-sequence-number']));
  await event(receiver, 'receiver_open');
  receiver.add_credit(3);
  await pause(200);
  assert.deepEqual(numbers, [0, 1, 2]);
  receiver.add_credit(10);
  receiver.drain_credit();
  await event(receiver, 'receiver_drained');
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(receiver.credit, 0);
  receiver.drain = false;
  fill(hub, 1);
  await pause(100);
  assert.equal(numbers.length, 7);
  receiver.add_credit(1);
  await event(receiver, 'message');
  assert.equal(numbers.at(-1), 7);
});

test('a link needs a token for its hub, and is detached some time after the token has ended', async (t) => {
  const { port, clock } = await serve(t, { limits: { tokenGraceMs: 1000, tokenCheckMs: 20 } });
  const connection = await connect(t, port, { token: null });
  const refused = connection.open_sender({ target: 'audit-events' });
  assert.equal((await event(refused, 'sender_error')).sender.error.condition, 'amqp:unauthorized-access');
  assert.match(refused.error.description, /'Send' claim/);

  const seconds = Math.floor(clock.ms / 1000);
  const token = (hub, validFor, key = 'SAS_KEY_VALUE') => makeToken(`amqp://localhost:${port}/${hub}`, 'RootManageSharedAccessKey', key, seconds + validFor);
  assert.equal(await putToken(connection, 'audit-events', token('audit-events', 60, 'wrong')), 401);
  assert.equal(await putToken(connection, 'audit-events', token('audit-events', -1)), 401);
  assert.equal(await putToken(connection, 'audit-events', token('other', 60)), 401);
  assert.equal(await putToken(connection, 'other', token('other', 60)), 202);
  assert.ok(await event(connection.open_receiver(reader), 'receiver_error'));
  assert.equal(await putToken(connection, 'audit-events', 'eyJhbGciOiJub25lIn0.e30.', 'jwt'), 401);
  assert.equal(await putToken(connection, 'other', token('other', 60), 'jwt'), 202);
  assert.equal(await putToken(connection, 'audit-events', token('audit-events', 60)), 202);
  const sender = connection.open_sender({ target: 'audit-events' });
  await event(sender, 'sendable');
  let detached = false;
  sender.once('sender_error', () => { detached = true; });
  clock.ms += 60_500;
  await pause(100);
  assert.equal(detached, false);
  clock.ms += 1000;
  await pause(200);
  assert.equal(detached, true);
  assert.match(sender.error.description, /^ExpiredToken/);
});

test('PLAIN with the key needs no token, PLAIN with another is refused', async (t) => {
  const { port } = await serve(t);
  const connection = await connect(t, port, { token: null, username: 'RootManageSharedAccessKey', password: 'SAS_KEY_VALUE' });
  await event(connection.open_sender({ target: 'amqps://host/audit-events' }), 'sendable');
  const failed = rhea.create_container().connect({ port, host: '127.0.0.1', reconnect: false, username: 'RootManageSharedAccessKey', password: 'wrong' });
  t.after(() => failed.socket.destroy());
  failed.on('disconnected', () => {});
  assert.equal((await event(failed, 'connection_error')).error.condition, 'amqp:unauthorized-access');
});

test('a publisher link gives its events the publisher as key; another key, no message and a cut message are rejected', async (t) => {
  const { port, hub } = await serve(t);
  const connection = await connect(t, port);
  const sender = connection.open_sender({ target: 'audit-events/Publishers/tenant-42' });
  await event(sender, 'sendable');
  const outcome = async (payload, format) => {
    const settled = event(sender, 'settled');
    const delivery = sender.send(payload, undefined, format);
    await settled;
    return delivery.remote_state?.error?.condition ?? 'accepted';
  };
  const message = rhea.message.encode({ body: rhea.message.data_section(Buffer.from('x')) });
  assert.equal(await outcome(message, 0), 'accepted');
  assert.equal(await outcome(rhea.message.encode({ message_annotations: { 'x-opt-partition-key': 'other' }, body: 'x' }), 0), 'amqp:not-allowed');
  assert.equal(await outcome(message.subarray(0, -1), 0), 'amqp:decode-error');
  assert.equal(await outcome(Buffer.from('garbage'), 0x80013700), 'amqp:decode-error');
  assert.deepEqual(hub.ranges().map((range) => range.next), [1, 0]);
  const [stored] = await hub.read(0, 0);
  assert.equal(JSON.parse(stored.header.toString()).k, 'tenant-42');
});

test('an idempotent producer repeats itself without effect, and may neither skip nor be there twice', async (t) => {
  const { port, hub } = await serve(t);
  const { types } = rhea;
  const names = ['com.microsoft:producer-id', 'com.microsoft:producer-epoch', 'com.microsoft:producer-sequence-number'];
  const open = (connection, [id, epoch, last]) => connection.open_sender({
    target: 'audit-events/Partitions/0', desired_capabilities: ['com.microsoft:idempotent-producer'],
    properties: { [names[0]]: id === null ? null : types.wrap_long(id), [names[1]]: epoch === null ? null : types.wrap_short(epoch), [names[2]]: last === null ? null : types.wrap_int(last) },
  });
  const connection = await connect(t, port);
  const sender = open(connection, [null, null, null]);
  await event(sender, 'sendable');
  assert.deepEqual([...sender.offered_capabilities ?? []].flat().map(String).join(''), 'com.microsoft:idempotent-producer');
  const [id, epoch, last] = names.map((name) => sender.properties[name]);
  assert.deepEqual([epoch, last], [0, 0]);
  const outcome = async (link, number) => {
    const settled = event(link, 'settled');
    const delivery = link.send({ message_annotations: { [names[2]]: types.wrap_int(number) }, body: `${number}` });
    await settled;
    return delivery.remote_state?.error?.condition ?? 'accepted';
  };
  assert.equal(await outcome(sender, 1), 'accepted');
  assert.equal(await outcome(sender, 2), 'accepted');
  assert.equal(await outcome(sender, 2), 'accepted');
  assert.equal(await outcome(sender, 4), 'com.microsoft:out-of-order-sequence');
  assert.equal(hub.range(0).next, 2);

  const second = open(connection, [id, 1, 2]);
  await Promise.all([event(sender, 'sender_error'), event(second, 'sendable')]);
  assert.equal(sender.error.condition, 'com.microsoft:producer-epoch-stolen');
  assert.equal((await event(open(connection, [id, 0, 2]), 'sender_error')).sender.error.condition, 'com.microsoft:producer-epoch-stolen');
  assert.equal(await outcome(second, 3), 'accepted');
  assert.equal(hub.range(0).next, 3);
});

test('what an attach asks for that is not there is refused with its condition, and the terminus is missing from the answer', async (t) => {
  const { port } = await serve(t);
  const connection = await connect(t, port);
  const filtered = (text) => ({ source: { address: reader, filter: { 'apache.org:selector-filter:string': rhea.types.wrap_described(text, 0x468c00000004) } } });
  const refusals = [
    ['sender', 'nobody', 'amqp:not-found'], ['sender', 'audit-events/Partitions/2', 'com.microsoft:argument-out-of-range'], ['sender', reader, 'amqp:not-found'],
    ['receiver', 'audit-events', 'amqp:not-found'], ['receiver', 'audit-events/ConsumerGroups/none/Partitions/0', 'amqp:not-found'],
    ['receiver', 'audit-events/ConsumerGroups/$default/Partitions/x', 'com.microsoft:argument-out-of-range'],
    ['receiver', filtered("amqp.annotation.x-opt-offset > '5'"), 'com.microsoft:argument-error'], ['receiver', filtered("amqp.annotation.x-opt-sequence-number > '0'"), 'com.microsoft:argument-error'],
    ['receiver', filtered('something else'), 'amqp:invalid-field'],
  ];
  for (const [kind, address, condition] of refusals) {
    const link = connection[`open_${kind}`](address);
    const [opened] = await Promise.all([event(link, `${kind}_open`), event(link, `${kind}_error`)]);
    assert.equal(link.error.condition, condition, JSON.stringify(address));
    assert.equal(opened[kind][kind === 'sender' ? 'target' : 'source']?.address ?? null, null);
  }
});

test('a receiver whose session window is closed gets the rest when it opens', async (t) => {
  const { port, hub } = await serve(t);
  fill(hub, 3000, 300);
  const connection = await connect(t, port);
  const receiver = connection.open_receiver({ source: reader, credit_window: 0 });
  let count = 0;
  receiver.on('message', () => { count++; });
  receiver.add_credit(5000);
  for (let waited = 0; count < 3000 && waited < 5000; waited += 20) await pause(20);
  assert.equal(count, 3000);
});

test('all performatives have all their fields, and a silent connection gets empty frames', async (t) => {
  const { port } = await serve(t);
  const { socket, received } = await raw(t, port);
  socket.write(header);
  socket.write(frame(0x10, [writeText('me'), writeNull, uint(65_536), Buffer.from([0x60, 0xff, 0xff]), uint(1000)]));
  await pause(700);
  const bytes = received();
  assert.equal(bytes.toString('hex', 0, 8), '414d515000010000');
  // descriptor 0x10, a long list of ten fields
  assert.equal(bytes.toString('hex', 16, 19), '005310');
  assert.equal(bytes[19], 0xd0);
  assert.equal(bytes.readUInt32BE(24), 10);
  const open = bytes.readUInt32BE(8);
  assert.equal(bytes.toString('hex', 8 + open, 16 + open), '0000000802000000');
});
