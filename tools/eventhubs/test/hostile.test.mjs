import assert from 'node:assert/strict';
import { test } from 'node:test';
import rhea from 'rhea';
import { describe as described, writeBinary, writeBoolean, writeList, writeNull, writeSymbol, writeText } from '../src/amqp/wire.mjs';
import { connect, event, frame, header, raw, serve, uint } from './amqp-start.mjs';

const reader = 'audit-events/ConsumerGroups/$default/Partitions/0';
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const within = (promise, ms) => Promise.race([promise.then(() => true), pause(ms).then(() => false)]);
const ushort = (value) => Buffer.from([0x60, value >> 8, value & 255]);
const address = (code, text) => described(code, writeList([writeText(text)]));

const open = frame(0x10, [writeText('me')]);
const begin = (channel = 0) => frame(0x11, [writeNull, uint(0), uint(1000), uint(1000)], { channel });
const attach = (name, handle, receives, node) => frame(0x12, [
  writeText(name), uint(handle), writeBoolean(receives), writeNull, writeNull, receives ? address(0x28, node) : address(0x28, 'me'), receives ? address(0x29, 'me') : address(0x29, node),
  writeNull, writeNull, receives ? writeNull : uint(0),
]);
const transfer = (handle, id, payload, more = false) => frame(0x14, [uint(handle), uint(id), writeBinary(Buffer.from([id & 255])), uint(0), writeBoolean(false), writeBoolean(more)], { payload });
const plain = Buffer.concat([
  Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
  saslInit(),
]);

function saslInit() {
  const bytes = frame(0x41, [writeSymbol('PLAIN'), writeBinary(Buffer.from('\0RootManageSharedAccessKey\0SAS_KEY_VALUE'))]);
  bytes[5] = 1;
  return bytes;
}

/** Waits until the peer has got credit on so many links. */
async function gotCredit({ received }, links) {
  for (let waited = 0; waited < 5000 && received().toString('latin1').split('\x00\x53\x13').length <= links; waited += 10) await pause(10);
}

/** Another client of the same endpoint sends an event and gets it back. */
async function othersAreServed(t, { port, hub }) {
  const connection = await connect(t, port);
  const { next } = hub.range(0);
  const sender = connection.open_sender({ target: 'audit-events/Partitions/0' });
  await event(sender, 'sendable');
  sender.send({ body: rhea.message.data_section(Buffer.from('still here')) });
  await event(sender, 'accepted');
  assert.equal(hub.range(0).next, next + 1);
  const receiver = connection.open_receiver({ source: { address: reader, filter: { 'apache.org:selector-filter:string': rhea.types.wrap_described(`amqp.annotation.x-opt-sequence-number > '${next - 1}'`, 0x468c00000004) } } });
  assert.equal((await event(receiver, 'message')).message.body.content.toString(), 'still here');
  // Closed properly: rhea's own timers would hold up the test process for minutes.
  connection.close();
}

test('what is no AMQP is answered with the header that would be, and closed', async (t) => {
  const endpoint = await serve(t);
  for (const bytes of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'AMQP\x00\x00\x09\x01', '\x16\x03\x01\x02\x00\x01\x00\x01', Buffer.alloc(100_000, 0xff)]) {
    const { socket, closed, received } = await raw(t, endpoint.port);
    socket.write(Buffer.from(bytes, 'latin1'));
    assert.ok(await within(closed, 3000));
    assert.equal(received().toString('latin1', 0, 8), 'AMQP\x03\x01\x00\x00');
  }
  await othersAreServed(t, endpoint);
});

test('frames with impossible sizes, types, values or order end their connection', async (t) => {
  const endpoint = await serve(t);
  const size = (bytes) => { const changed = Buffer.from(open); changed.writeUInt32BE(bytes, 0); return changed; };
  const bad = [
    size(0), size(7), size(0xffffffff), size(65_537),
    frame(0x10, [writeText('me'), Buffer.from([0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x41])]),
    frame(0x10, [writeText('me'), writeNull, uint(100)]),
    frame(0x10, Array.from({ length: 3000 }, () => writeNull)),
    frame(0x10, [Array.from({ length: 60 }).reduce((inner) => writeList([inner]), writeNull)]),
    frame(0x19, []), frame(0x53, []), frame(0x10, []),
    Buffer.concat([open, open]),
    Buffer.concat([open, attach('a', 0, false, 'x')]),
    Buffer.concat([open, begin(), begin()]),
    Buffer.concat([open, begin(), attach('a', 300, false, '$cbs')]),
    Buffer.concat([open, begin(), attach('a', 0, false, '$cbs'), attach('b', 0, false, '$cbs')]),
    Buffer.concat([open, begin(), attach('a', 0, false, '$cbs'), attach('a', 1, false, '$cbs')]),
    Buffer.concat([open, begin(), attach('a', 0, true, '$cbs'), transfer(0, 0, Buffer.alloc(1))]),
    Buffer.concat([open, transfer(0, 0, Buffer.alloc(1))]),
    Buffer.concat([open, frame(0x11, [ushort(5), uint(0), uint(1), uint(1)])]),
    Buffer.concat([open, Buffer.concat([begin(), Buffer.from('junk')])]),
  ];
  for (const [i, bytes] of bad.entries()) {
    const { socket, closed } = await raw(t, endpoint.port);
    socket.write(Buffer.concat([header, bytes, Buffer.alloc(8, 0xff)]));
    assert.ok(await within(closed, 3000), `case ${i}`);
  }
  await othersAreServed(t, endpoint);
});

test('conversations changed at random places end nobody but themselves', async (t) => {
  const endpoint = await serve(t, { limits: { handshakeMs: 300, frameMs: 300 } });
  const message = rhea.message.encode({ body: rhea.message.data_section(Buffer.from('x')) });
  const beginning = Buffer.concat([
    plain, header, open, begin(), begin(1), attach('s', 0, false, 'audit-events'), attach('r', 1, true, reader), attach('c', 2, false, '$cbs'), attach('d', 3, true, '$cbs'),
    frame(0x13, [uint(0), uint(1000), uint(0), uint(1000), uint(1), uint(0), uint(500), writeNull, writeBoolean(true), writeBoolean(true)]),
  ]);
  const conversation = Buffer.concat([
    beginning, transfer(0, 0, message), transfer(0, 1, message.subarray(0, 3), true), transfer(0, 1, message.subarray(3)),
    transfer(2, 2, rhea.message.encode({ message_id: 'x', reply_to: 'd', application_properties: { operation: 'put-token', name: 'audit-events', type: 'servicebus.windows.net:sastoken' }, body: 'no token' })),
    frame(0x15, [writeBoolean(true), uint(0), uint(0xffffffff), writeBoolean(true), described(0x24, writeList([]))]),
    frame(0x16, [uint(1), writeBoolean(true)]), frame(0x17, [], { channel: 1 }), frame(0x18, []),
  ]);
  const flow = Buffer.from('005313', 'hex');
  let seed = 11;
  const random = (below) => { seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648; return seed % below; };
  const one = async () => {
    const bytes = Buffer.from(conversation);
    for (let changes = random(4); changes > 0; changes--) bytes[8 + random(bytes.length - 8)] = random(256);
    const { socket, closed, received } = await raw(t, endpoint.port);
    const cut = random(3) === 0 ? random(bytes.length) : bytes.length;
    // The answers to the attaches must be out before there is credit.
    socket.write(bytes.subarray(0, Math.min(cut, beginning.length)));
    for (let waited = 0; waited < 400 && !socket.destroyed && !received().includes(flow); waited += 10) await pause(10);
    if (!socket.destroyed) socket.end(bytes.subarray(Math.min(cut, beginning.length), cut));
    await within(closed, 1000);
  };
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, one));
  assert.ok(endpoint.hub.ranges().reduce((sum, range) => sum + range.next, 0) > 100);
  await othersAreServed(t, endpoint);
});

test('a handshake that does not end and a frame that does not are given up', async (t) => {
  const endpoint = await serve(t, { limits: { handshakeMs: 300, frameMs: 300 } });
  const silent = await raw(t, endpoint.port);
  const half = await raw(t, endpoint.port);
  half.socket.write(Buffer.concat([header, open, begin().subarray(0, 9)]));
  const trickle = await raw(t, endpoint.port);
  trickle.socket.write(plain.subarray(0, 20));
  for (const { closed } of [silent, half, trickle]) assert.ok(await within(closed, 3000));
  await othersAreServed(t, endpoint);
});

test('sessions, links and parts of messages beyond the limits are refused', async (t) => {
  const endpoint = await serve(t, { limits: { sessionsPerConnection: 5, linksPerConnection: 5, partialBytesPerConnection: 1_500_000 } });
  const sessions = await raw(t, endpoint.port);
  sessions.socket.write(Buffer.concat([header, open, ...Array.from({ length: 6 }, (_, i) => begin(i))]));
  assert.ok(await within(sessions.closed, 3000));

  const links = await connect(t, endpoint.port);
  await pause(50);
  const opened = Array.from({ length: 6 }, () => links.open_sender('audit-events'));
  assert.equal((await event(opened[5], 'sender_error')).sender.error.condition, 'amqp:resource-limit-exceeded');

  const parts = await raw(t, endpoint.port);
  parts.socket.write(Buffer.concat([plain, header, open, begin(), attach('a', 0, false, 'audit-events'), attach('b', 1, false, 'audit-events')]));
  await gotCredit(parts, 2);
  for (let i = 0; i < 20; i++) parts.socket.write(Buffer.concat([transfer(0, 0, Buffer.alloc(50_000), true), transfer(1, 1, Buffer.alloc(50_000), true)]));
  assert.ok(await within(parts.closed, 3000));
  await othersAreServed(t, endpoint);
});

test('transfers without credit detach their link, and a message of any length is refused without being kept', async (t) => {
  const endpoint = await serve(t, { limits: { partialBytesPerConnection: 2_000_000 } });
  const connection = await connect(t, endpoint.port);
  const sender = connection.open_sender({ target: 'audit-events' });
  await event(sender, 'sendable');
  const rejected = event(sender, 'rejected');
  sender.send(Buffer.alloc(40_000_000), undefined, 0);
  assert.equal((await rejected).delivery.remote_state.error.condition, 'amqp:link:message-size-exceeded');

  const flood = await raw(t, endpoint.port);
  flood.socket.write(Buffer.concat([plain, header, open, begin(), attach('a', 0, false, 'audit-events/Partitions/1')]));
  await gotCredit(flood, 1);
  const message = rhea.message.encode({ body: rhea.message.data_section(Buffer.from('x')) });
  flood.socket.write(Buffer.concat(Array.from({ length: 2000 }, (_, i) => transfer(0, i, message))));
  for (let waited = 0; waited < 3000 && !flood.received().includes('transfer-limit-exceeded'); waited += 50) await pause(50);
  assert.ok(flood.received().includes('transfer-limit-exceeded'));
  assert.ok(endpoint.hub.range(1).next <= 600);
  await othersAreServed(t, endpoint);
});

test('giving up four billion credits, and settling as many deliveries, takes no time', async (t) => {
  const endpoint = await serve(t);
  const { socket, received } = await raw(t, endpoint.port);
  socket.write(Buffer.concat([
    plain, header, open, begin(), attach('r', 0, true, reader),
    frame(0x13, [uint(0), uint(1000), uint(0), uint(1000), uint(0), uint(0), uint(0xffffffff), writeNull, writeBoolean(true)]),
    frame(0x15, [writeBoolean(true), uint(0), uint(0xffffffff), writeBoolean(true), described(0x24, writeList([]))]),
  ]));
  for (let waited = 0; waited < 3000 && !received().includes(Buffer.from('005313', 'hex')); waited += 20) await pause(20);
  assert.ok(received().includes(Buffer.from('005313', 'hex')));
  await othersAreServed(t, endpoint);
});

test('a reader that takes nothing off its socket holds little, and holds up nobody', async (t) => {
  const endpoint = await serve(t);
  for (let i = 0; i < 400; i++) endpoint.hub.append([{ key: null, contentType: null, properties: null, body: Buffer.alloc(100_000, i) }], { partition: 0 });
  const slow = await raw(t, endpoint.port);
  slow.socket.pause();
  slow.socket.write(Buffer.concat([
    plain, header, frame(0x10, [writeText('slow'), writeNull, uint(65_536)]), begin(), attach('r', 0, true, reader),
    frame(0x13, [uint(0), uint(0x7fffffff), uint(0), uint(1000), uint(0), uint(0), uint(100_000)]),
  ]));
  const connection = await connect(t, endpoint.port);
  const receiver = connection.open_receiver({ source: reader, credit_window: 100 });
  let count = 0;
  receiver.on('message', () => { count++; });
  for (let waited = 0; count < 400 && waited < 10_000; waited += 50) await pause(50);
  assert.equal(count, 400);
  const unsent = endpoint.sockets[0].writableLength;
  assert.ok(unsent > 0 && unsent < 3 * 1024 * 1024, `${unsent} bytes`);
  slow.socket.resume();
  for (let waited = 0; slow.received().length < 40_000_000 && waited < 10_000; waited += 100) await pause(100);
  assert.ok(slow.received().length >= 40_000_000);
});
