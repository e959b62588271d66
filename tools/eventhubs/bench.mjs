// Measures how many events per second the endpoint takes in and hands out:
//   node bench.mjs [events] [events per batch] [bytes per event] [connections]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeToken } from './src/sas.mjs';

const [total, perBatch, size, connections] = [200_000, 500, 1024, 4].map((otherwise, i) => Number(process.argv[2 + i] ?? otherwise));
const data = mkdtempSync(join(tmpdir(), 'eventhubs-bench-'));
const child = spawn(process.execPath, [fileURLToPath(new URL('server.mjs', import.meta.url)), '--data', data], { stdio: ['pipe', 'pipe', 'inherit'] });
const port = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(/ready (\d+)/.exec(text)[1]))));
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const authorization = makeToken('sb://localhost/audit-events', 'RootManageSharedAccessKey', 'SAS_KEY_VALUE', Math.floor(Date.now() / 1000) + 3600);

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { authorization, 'content-type': 'application/vnd.microsoft.servicebus.json', 'content-length': body.length } : {};
    const sent = request({ port, host: '127.0.0.1', path, method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) })).on('error', reject);
    }).on('error', reject);
    sent.end(body);
  });
}

// Bodies with quotes, as JSON events have them: they are escaped inside the batch.
const event = JSON.stringify({ eventId: '0', text: 'y"'.repeat(Math.floor(size / 3)) }).slice(0, size);
const batch = Buffer.from(JSON.stringify(Array.from({ length: perBatch }, () => ({ Body: event }))));
const batches = Math.ceil(total / perBatch);
let next = 0;
const started = performance.now();
await Promise.all(Array.from({ length: connections }, async () => {
  while (next++ < batches) {
    const { status } = await call('POST', '/audit-events/messages', batch);
    if (status !== 201) throw new Error(`status ${status}`);
  }
}));
const sent = performance.now();
await Promise.all([0, 1, 2, 3].map(async (partition) => {
  for (let from = 0; ;) {
    const { events } = JSON.parse((await call('GET', `/$runner/audit-events/partitions/${partition}/events?from=${from}&max=5000`)).body.toString());
    if (events.length === 0) return;
    from += events.length;
  }
}));
const read = performance.now();

const count = batches * perBatch;
console.log(`${count} events of ${Buffer.byteLength(event)} bytes, ${perBatch} per batch (${batch.length} bytes), ${connections} connections`);
console.log(`in:  ${Math.round(count / (sent - started) * 1000)} events/s`);
console.log(`out: ${Math.round(count / (read - sent) * 1000)} events/s, JSON parsed by this client`);
child.stdin.end();
await new Promise((resolve) => child.once('exit', resolve));
agent.destroy();
rmSync(data, { recursive: true });
