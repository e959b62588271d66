// Measures how a package starts: node tools/package/start.mjs [FOLDER] [--times 5]
// FOLDER is a script root (artifacts/package/linux-x64). Storage is a server in this process that says yes to everything at once: what is measured is the process.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { times: { type: 'string', default: '5' } } });
const root = resolve(positionals[0] ?? 'artifacts/package/linux-x64');
const listen = server => new Promise(done => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const storage = createServer((request, response) => request.resume().on('end', () => response.writeHead(201, { 'content-length': 0 }).end()));
const storagePort = await listen(storage);
const account = `http://127.0.0.1:${storagePort}/a`;
const ticks = 100; // of /proc/PID/stat a second, on every Linux that we know

async function start() {
  const free = createServer();
  const port = await listen(free);
  await new Promise(done => free.close(done));
  const began = performance.now();
  const app = spawn(join(root, 'ActionTrail.Functions'), {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      FUNCTIONS_CUSTOMHANDLER_PORT: String(port),
      ActionTrail__OperatorKey: 'operator-key-of-the-measurement',
      ActionTrail__EncryptionKey: Buffer.alloc(32).toString('base64'),
      ActionTrailStorage: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${Buffer.alloc(64).toString('base64')};BlobEndpoint=${account};QueueEndpoint=${account};TableEndpoint=${account};`,
    },
  });
  try {
    for (;;) {
      if (app.exitCode !== null) throw new Error(`The app ended with ${app.exitCode}.`);
      const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null);
      if (answer?.ok) break;
      await new Promise(done => setTimeout(done, 5));
    }
    const took = performance.now() - began;
    const stat = readFileSync(`/proc/${app.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))[1];
    return { took, cpu: (Number(stat[11]) + Number(stat[12])) / ticks, resident: Number(resident) / 1000 };
  } finally {
    app.kill('SIGKILL');
    if (app.exitCode === null && app.signalCode === null) await new Promise(done => app.once('exit', done));
  }
}

const load = loadavg()[0];
const starts = [];
for (let i = 0; i < Number(values.times); i++) starts.push(await start());
storage.close();
const range = (name, digits) => [Math.min, Math.max].map(pick => pick(...starts.map(one => one[name])).toFixed(digits)).join(' to ');
console.log(`from start to first answer, ms: ${range('took', 0)}`);
console.log(`processor time until then, s: ${range('cpu', 2)}`);
console.log(`resident memory then, MB: ${range('resident', 0)}`);
console.log(`load average before: ${load.toFixed(1)}; ${starts.length} starts`);
