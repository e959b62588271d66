// Measures what the endpoint takes in from the official producer, and hands out to the official consumer:
//   node sdk/bench.mjs [events] [bytes per event] [batches in flight]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { connectionString } from './clients.mjs';

const [total, size, inFlight] = [50_000, 1024, 4].map((otherwise, i) => Number(process.argv[2 + i] ?? otherwise));
const server = fileURLToPath(new URL('../server.mjs', import.meta.url));

/** Starts the endpoint on an empty folder. */
async function start() {
  const data = mkdtempSync(join(tmpdir(), 'eventhubs-bench-'));
  const child = spawn(process.execPath, [server, '--data', data], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => { child.once('exit', resolve); });
  const port = await new Promise((resolve) => { child.stdout.once('data', (text) => resolve(Number(/ready \d+ (\d+)/.exec(text)[1]))); });
  return { port, pid: child.pid, stop: async () => { child.stdin.end(); await exited; rmSync(data, { recursive: true }); } };
}

// Clock ticks of user and system time of a process, 100 a second; 0 where the system does not tell.
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function report(what, count, ms, cpu) {
  const rate = count / ms * 1000;
  console.log(`${what}: ${Math.round(rate)} events/s, ${(rate * size / 1e6).toFixed(1)} MB/s, endpoint ${(cpu * 1e6 / count).toFixed(0)} us CPU/event`);
}

const body = { eventId: '0', text: '' };
body.text = 'x'.repeat(size - JSON.stringify(body).length);
console.log(`${total} events of ${JSON.stringify(body).length} bytes, ${inFlight} batches in flight, load before: ${loadavg().map((l) => l.toFixed(1)).join(' ')}`);
for (const perBatch of [100, 500]) {
  const { port, pid, stop } = await start();
  const producer = new EventHubProducerClient(connectionString(port), 'audit-events');
  await producer.getPartitionIds();
  let next = 0;
  let [began, cpu] = [performance.now(), cpuSeconds(pid)];
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (next < total) {
      next += perBatch;
      const batch = await producer.createBatch();
      for (let i = 0; i < perBatch; i++) if (!batch.tryAdd({ body })) throw new Error('the batch is full');
      await producer.sendBatch(batch);
    }
  }));
  report(`in,  ${perBatch} per batch`, next, performance.now() - began, cpuSeconds(pid) - cpu);
  await producer.close();

  const consumer = new EventHubConsumerClient('$Default', connectionString(port), 'audit-events');
  let received = 0;
  [began, cpu] = [performance.now(), cpuSeconds(pid)];
  await new Promise((resolve, reject) => {
    consumer.subscribe({
      processEvents: async (events) => {
        received += events.length;
        if (received >= next) resolve();
      },
      processError: async (error) => reject(error),
    }, { startPosition: { offset: '-1' }, maxBatchSize: 500, maxWaitTimeInSeconds: 1 });
  });
  report('out, 500 per call', received, performance.now() - began, cpuSeconds(pid) - cpu);
  await consumer.close();
  await stop();
}
process.exit(0);
