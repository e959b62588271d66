import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import rhea from 'rhea';
import { describe, writeList } from '../src/amqp/wire.mjs';
import { AmqpListener } from '../src/amqp/listener.mjs';
import { Namespace } from '../src/namespace.mjs';
import { goodToken } from './start.mjs';

/** The AMQP face in this process, on a free port, with its own clock and limits: `{port, namespace, hub, clock, sockets}`. */
export async function serve(t, { limits = {}, consumerGroups = [] } = {}) {
  const clock = { ms: Math.floor(Date.now() / 1000) * 1000 };
  const data = mkdtempSync(join(tmpdir(), 'eventhubs-'));
  const namespace = await Namespace.open(data, { hubs: [{ name: 'audit-events', partitions: 2, consumerGroups }], now: () => clock.ms });
  const listener = new AmqpListener({ namespace }, { keyName: 'RootManageSharedAccessKey', key: 'SAS_KEY_VALUE', now: () => clock.ms, limits });
  const server = listener.createServer().listen(0, '127.0.0.1');
  const sockets = [];
  server.on('connection', (socket) => sockets.push(socket));
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    await listener.close();
    namespace.close();
    rmSync(data, { recursive: true });
  });
  return { port: server.address().port, namespace, hub: namespace.hub('audit-events'), clock, sockets };
}

/** A bare AMQP client: `{connection, session, closed}`, with a token for everything unless `token` is null. */
export async function connect(t, port, { token = goodToken('sb://localhost/'), ...options } = {}) {
  const connection = rhea.create_container().connect({ port, host: '127.0.0.1', reconnect: false, username: 'anonymous', ...options });
  t.after(() => connection.socket.destroy());
  for (const name of ['disconnected', 'connection_error', 'connection_close', 'sender_error', 'receiver_error', 'session_error', 'error', 'protocol_error']) connection.on(name, () => {});
  await event(connection, 'connection_open');
  if (token !== null) await putToken(connection, 'audit-events', token);
  return connection;
}

/** Resolves with the arguments' first when `emitter` next has the event; rejects after five seconds. */
export function event(emitter, name) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} came`)), 5000);
    emitter.once(name, (context) => { clearTimeout(timer); resolve(context); });
  });
}

/** Puts a token; resolves to the status code. */
export async function putToken(connection, audience, token, type = 'servicebus.windows.net:sastoken') {
  const receiver = connection.open_receiver({ source: '$cbs', name: `cbs-${audience}-${Math.random()}` });
  const sender = connection.open_sender({ target: '$cbs' });
  await event(sender, 'sendable');
  const answer = event(receiver, 'message');
  sender.send({ message_id: 'id', reply_to: receiver.name, application_properties: { operation: 'put-token', name: audience, type }, body: token });
  const { message } = await answer;
  sender.close();
  receiver.close();
  return message.application_properties['status-code'];
}

export const header = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

export function uint(value) {
  const bytes = Buffer.from([0x70, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

/** The bytes of a frame with a performative of these fields, and a payload. */
export function frame(code, fields, { channel = 0, payload = Buffer.alloc(0) } = {}) {
  const body = Buffer.concat([describe(code, writeList(fields)), payload]);
  const start = Buffer.from([0, 0, 0, 0, 2, 0, 0, channel]);
  start.writeUInt32BE(body.length + 8, 0);
  return Buffer.concat([start, body]);
}

/** A socket without any protocol: `{socket, received(), closed}`; `closed` resolves when the other side has ended it. */
export async function raw(t, port) {
  const socket = connectSocket(port, '127.0.0.1');
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => socket.destroy());
  t.after(() => socket.destroy());
  const closed = new Promise((resolve) => { socket.once('close', resolve); });
  await once(socket, 'connect');
  return { socket, closed, received: () => Buffer.concat(chunks) };
}
