import assert from 'node:assert/strict';
import { test } from 'node:test';
import rhea from 'rhea';
import { wellFormed } from '../src/amqp/json.mjs';
import { feedView } from '../src/amqp/sections.mjs';
import { describe as described, writeBinary, writeBoolean, writeList, writeMap, writeNull, writeSymbol, writeText } from '../src/amqp/wire.mjs';
import { connect, event, frame, header, raw, serve, uint } from './amqp-start.mjs';

// What strangers, peers without a token, may cost; and what a sender with one must not cost the others.

const sasl = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');
const anonymous = Buffer.concat([sasl, frame(0x41, [writeSymbol('ANONYMOUS')])]);
anonymous[sasl.length + 5] = 1;
const open = frame(0x10, [writeText('me')]);
const begin = (channel = 0) => frame(0x11, [writeNull, uint(0), uint(1000), uint(1000)], { channel });
const attach = (handle, node) => frame(0x12, [
  writeText(`link ${handle}`), uint(handle), writeBoolean(false), writeNull, writeNull, described(0x28, writeList([writeText('me')])), described(0x29, writeList([writeText(node)])),
  writeNull, writeNull, uint(0),
]);
const within = (promise, ms) => Promise.race([promise.then(() => true), new Promise((resolve) => { setTimeout(() => resolve(false), ms).unref(); })]);

async function stranger(t, endpoint, bytes) {
  const peer = await raw(t, endpoint.port);
  peer.socket.write(bytes);
  return peer;
}

async function sends(t, endpoint, message, format = 0) {
  const connection = await connect(t, endpoint.port);
  const sender = connection.open_sender({ target: 'audit-events/Partitions/0' });
  await event(sender, 'sendable');
  const outcome = Promise.race([event(sender, 'accepted').then(() => null), event(sender, 'rejected').then(({ delivery }) => delivery.remote_state.error.condition)]);
  sender.send(message, undefined, format);
  return outcome;
}

const plainMessage = rhea.message.encode({ body: rhea.message.data_section(Buffer.from('x')) });

test('an AMQP header in the place of the answer to SASL ends the connection, and nothing waits for it', async (t) => {
  const endpoint = await serve(t);
  const { closed } = await stranger(t, endpoint, Buffer.concat([sasl, header]));
  assert.ok(await within(closed, 3000));
});

test('when there are too many connections the oldest one without a token makes room', async (t) => {
  const endpoint = await serve(t, { limits: { connections: 4 } });
  const known = await connect(t, endpoint.port);
  const strangers = [];
  for (const bytes of [sasl.subarray(0, 4), anonymous, Buffer.concat([anonymous, header, open])]) strangers.push(await stranger(t, endpoint, bytes));
  assert.equal(await sends(t, endpoint, plainMessage), null);
  assert.ok(await within(strangers[0].closed, 3000));
  assert.ok(known.is_open() && !strangers[2].socket.destroyed);
});

test('without a token there are few sessions, and few links that were refused and not detached', async (t) => {
  const endpoint = await serve(t, { limits: { sessionsBeforeToken: 3, linksBeforeToken: 5 } });
  const sessions = await stranger(t, endpoint, Buffer.concat([anonymous, header, open, begin(0), begin(1), begin(2)]));
  const links = await stranger(t, endpoint, Buffer.concat([anonymous, header, open, begin(), ...Array.from({ length: 5 }, (_, i) => attach(i, 'audit-events'))]));
  assert.ok(!await within(Promise.race([sessions.closed, links.closed]), 200));
  sessions.socket.write(begin(3));
  links.socket.write(attach(5, 'audit-events'));
  assert.ok(await within(Promise.all([sessions.closed, links.closed]), 3000));
});

test('a request to $cbs has at most 64 KiB', async (t) => {
  const endpoint = await serve(t);
  const connection = await connect(t, endpoint.port, { token: null });
  const sender = connection.open_sender({ target: '$cbs' });
  await event(sender, 'sendable');
  const rejected = event(sender, 'rejected');
  sender.send({ message_id: 'm'.repeat(70_000), body: 'no token' });
  assert.equal((await rejected).delivery.remote_state.error.condition, 'amqp:link:message-size-exceeded');
});

test('arrays whose elements take no bytes do not make a message dearer than its size', async (t) => {
  const endpoint = await serve(t);
  const array = Buffer.from([0xf0, 0, 0, 0, 5, 0, 0, 0xff, 0xff, 0x41]);
  const message = described(0x77, writeList(Array.from({ length: 15 }, () => array)));
  assert.equal(await sends(t, endpoint, Buffer.concat(Array.from({ length: 400 }, () => described(0x75, writeBinary(message)))), 0x80013700), 'amqp:decode-error');
  assert.equal(await sends(t, endpoint, plainMessage), null);
});

test('a batch that outgrows the log with its keys is refused as too large', async (t) => {
  const endpoint = await serve(t);
  const envelope = described(0x72, writeMap([writeSymbol('x-opt-partition-key'), writeText('k'.repeat(128))]));
  const entries = Array.from({ length: 100_000 }, () => described(0x75, writeBinary(Buffer.alloc(0))));
  assert.equal(await sends(t, endpoint, Buffer.concat([envelope, ...entries]), 0x80013700), 'amqp:link:message-size-exceeded');
  assert.equal(endpoint.hub.range(0).next, 0);
});

test('asked to say how things stand a thousand times at once, the endpoint says it a few times', async (t) => {
  const endpoint = await serve(t);
  const peer = await stranger(t, endpoint, Buffer.concat([anonymous, header, open, begin(), attach(0, '$cbs')]));
  const flow = Buffer.from('005313', 'hex').toString('latin1');
  const flows = () => peer.received().toString('latin1').split(flow).length - 1;
  const reach = async (count) => { for (let waited = 0; flows() < count && waited < 3000; waited += 10) await new Promise((resolve) => { setTimeout(resolve, 10); }); };
  await reach(1);
  assert.equal(flows(), 1);
  const echo = frame(0x13, [uint(0), uint(100), uint(0), uint(100), writeNull, writeNull, writeNull, writeNull, writeNull, writeBoolean(true)]);
  peer.socket.write(Buffer.concat(Array.from({ length: 1000 }, () => echo)));
  await reach(2);
  peer.socket.write(frame(0x18, []));
  assert.ok(await within(peer.closed, 3000));
  assert.ok(flows() > 1 && flows() < 50, `${flows()} flows`);
});

test('halves of surrogate pairs never reach the feed', () => {
  for (const text of ['\ud800', 'a\udc00b', '\\ud800', '\\\ud800', '\ud83d\ude00 \ud83d', '\\\\ud800"', 'ud800'])
    assert.equal(JSON.parse(wellFormed(JSON.stringify({ [text]: text })))[text.toWellFormed()], text.toWellFormed());
  const half = Buffer.from([0x73, 0, 0, 0xd8, 0]);
  const { properties, systemProperties } = feedView(Buffer.concat([described(0x72, writeMap([writeSymbol('odd'), half])), described(0x74, writeMap([writeText('p'), half]))]));
  assert.deepEqual([JSON.parse(systemProperties).odd, JSON.parse(properties).p], ['\ufffd', '\ufffd']);
});
