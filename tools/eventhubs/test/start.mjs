import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeToken } from '../src/sas.mjs';

const server = fileURLToPath(new URL('../server.mjs', import.meta.url));

/** A new folder, removed after the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'eventhubs-'));
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** Starts the server as a process; resolves to `{child, port, amqpPort, base, exited, errors}` once it says that it is ready. */
export async function start(t, data, ...options) {
  const child = spawn(process.execPath, [server, '--data', data, ...options], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  t.after(() => { if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL'); return exited; });
  let errors = '';
  child.stderr.on('data', (text) => { errors += text; });
  const [port, amqpPort] = await new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      const ready = /^ready (\d+) (\d+)$/m.exec(output);
      if (ready) resolve([Number(ready[1]), Number(ready[2])]);
    });
    exited.then(({ code }) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  return { child, port, amqpPort, base: `http://127.0.0.1:${port}`, exited, errors: () => errors };
}

export const goodToken = (resource = 'sb://localhost/audit-events') =>
  makeToken(resource, 'RootManageSharedAccessKey', 'SAS_KEY_VALUE', Math.floor(Date.now() / 1000) + 3600);

/** Sends a request to the send face; headers may override the token. */
export function post(base, path, body, headers = {}) {
  return fetch(`${base}${path}`, { method: 'POST', body, headers: { authorization: goodToken(), ...headers } });
}

export function postBatch(base, path, items, headers = {}) {
  return post(base, path, JSON.stringify(items), { 'content-type': 'application/vnd.microsoft.servicebus.json', ...headers });
}

export async function read(base, partition, query = 'from=0') {
  const response = await fetch(`${base}/$runner/audit-events/partitions/${partition}/events?${query}`);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

export async function readAll(base, partition) {
  const events = [];
  for (;;) {
    const page = (await read(base, partition, `from=${events.length}&max=5000`)).events;
    if (page.length === 0) return events;
    events.push(...page);
  }
}

export const text = (event) => Buffer.from(event.body, 'base64').toString('utf8');
