import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, postBatch, read, readAll, start, text } from './start.mjs';

const body = (name) => `${name} ${'x'.repeat(900)}`;

test('killed while requests stream in, every acknowledged event is there exactly once with contiguous numbers', async (t) => {
  const data = folder(t);
  const acknowledged = new Set();
  const sent = new Set();
  for (let round = 0; round < 6; round++) {
    const { child, base, exited } = await start(t, data);
    let killed = false;
    const senders = [0, 1, 2, 3].map(async (sender) => {
      for (let i = 0; !killed; i++) {
        const names = Array.from({ length: 20 }, (_, n) => `${round}.${sender}.${i}.${n}`);
        for (const name of names) sent.add(name);
        try {
          const response = await postBatch(base, '/audit-events/messages', names.map((name) => ({ Body: body(name) })));
          assert.equal(response.status, 201);
          for (const name of names) acknowledged.add(name);
        } catch (error) {
          if (!killed) throw error;
        }
      }
    });
    const goal = acknowledged.size + 400 + round * 137;
    while (acknowledged.size < goal) await new Promise((resolve) => setTimeout(resolve, 1));
    killed = true;
    child.kill('SIGKILL');
    await Promise.all(senders);
    assert.equal((await exited).signal, 'SIGKILL');
  }

  const { base } = await start(t, data);
  const stored = new Map();
  for (let p = 0; p < 4; p++) {
    const events = await readAll(base, p);
    assert.deepEqual(events.map((e) => e.sequenceNumber), events.map((_, i) => i));
    assert.ok(events.every((e, i) => i === 0 || e.enqueuedTimeUtc >= events[i - 1].enqueuedTimeUtc));
    for (const event of events) {
      const name = text(event).split(' ')[0];
      assert.equal(text(event), body(name));
      stored.set(name, (stored.get(name) ?? 0) + 1);
    }
  }
  assert.ok(acknowledged.size >= 2400);
  assert.deepEqual([...acknowledged].filter((name) => stored.get(name) !== 1), []);
  assert.deepEqual([...stored].filter(([name, count]) => count !== 1 || !sent.has(name)), []);
  // A batch is there whole or not at all.
  assert.equal(stored.size % 20, 0);
});

test('it ends with 0 when its input closes and on SIGTERM, answering those who wait; the log keeps its identity', async (t) => {
  const data = folder(t);
  const first = await start(t, data);
  await postBatch(first.base, '/audit-events/partitions/1/messages', [{ Body: 'kept' }]);
  const waiting = read(first.base, 0, 'from=0&waitMs=60000');
  await read(first.base, 1);
  first.child.stdin.end();
  assert.deepEqual((await waiting).events, []);
  assert.deepEqual(await first.exited, { code: 0, signal: null });

  const second = await start(t, data);
  const page = await read(second.base, 1);
  assert.deepEqual(page.events.map(text), ['kept']);
  assert.equal(page.namespace, `${readFileSync(join(data, 'namespace'), 'utf8').trim()}.localhost`);
  second.child.kill('SIGTERM');
  assert.deepEqual(await second.exited, { code: 0, signal: null });

  const other = await start(t, folder(t));
  assert.notEqual((await read(other.base, 1)).namespace, page.namespace);
});

test('wrong options, a taken port and fewer partitions than before end with 2 and say why', async (t) => {
  const data = folder(t);
  const { port, child, exited } = await start(t, data);
  await assert.rejects(start(t, folder(t), '--http-port', String(port)), /ended with 2: .*port is taken/);
  child.kill('SIGTERM');
  await exited;
  await assert.rejects(start(t, data, '--partitions', '2'), /ended with 2: .*holds partition 2/);
  await assert.rejects(start(t, data, '--partitions', '0'), /ended with 2: .*--partitions/);
  await assert.rejects(start(t, data, '--nonsense'), /ended with 2/);
});

test('a second process does not write to a folder that is served', async (t) => {
  const data = folder(t);
  await start(t, data);
  await assert.rejects(start(t, data), /already serves/);
});
