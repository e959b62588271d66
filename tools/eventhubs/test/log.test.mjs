import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PartitionLog } from '../src/log.mjs';
import { folder } from './start.mjs';

const event = (body, more = {}) => ({ key: null, contentType: null, properties: null, body: Buffer.from(body), ...more });
const bodies = async (log, from = 0, options) => (await log.read(from, options)).map((e) => e.body.toString());
const files = (directory) => readdirSync(directory).sort();

test('events come back in order with contiguous numbers and growing offsets', async (t) => {
  const log = new PartitionLog(folder(t));
  assert.deepEqual([log.first, log.next], [0, 0]);
  log.append([event('a'), event('b', { key: 'k', properties: { n: 1 } })], 1000);
  log.append([event('')], 2000);
  const events = await log.read(0);
  assert.deepEqual(events.map((e) => e.sequence), [0, 1, 2]);
  assert.deepEqual(events.map((e) => e.body.toString()), ['a', 'b', '']);
  assert.deepEqual(JSON.parse(events[1].header.toString()), { k: 'k', p: { n: 1 } });
  assert.ok(events[0].offset < events[1].offset && events[1].offset < events[2].offset);
  assert.deepEqual(await bodies(log, 1, { to: 1 }), ['b']);
  assert.deepEqual(await bodies(log, 3), []);
  log.close();
});

test('the enqueued time never goes back, not even over a restart', async (t) => {
  const directory = folder(t);
  let log = new PartitionLog(directory);
  log.append([event('a')], 5000);
  assert.equal(log.append([event('b')], 4000).enqueuedMs, 5000);
  log.close();
  log = new PartitionLog(directory);
  assert.equal(log.append([event('c')], 3000).enqueuedMs, 5000);
  assert.equal(log.append([event('d')], 6000).enqueuedMs, 6000);
  log.close();
});

test('a last group torn at any byte is dropped whole, and appending goes on', async (t) => {
  const source = folder(t);
  let log = new PartitionLog(source);
  log.append([event('kept 1'), event('kept 2')], 1000);
  const before = statSync(join(source, files(source)[0])).size;
  log.append([event('torn 1'), event('torn 2', { properties: { a: 'b' } })], 2000);
  log.close();
  const [name] = files(source);
  const after = statSync(join(source, name)).size;
  assert.ok(after > before + 30);

  const work = folder(t);
  for (let size = before; size < after; size++) {
    const directory = join(work, String(size));
    mkdirSync(directory);
    copyFileSync(join(source, name), join(directory, name));
    truncateSync(join(directory, name), size);
    log = new PartitionLog(directory);
    assert.equal(log.cutBytes, size - before);
    assert.equal(log.next, 2);
    log.append([event('new')], 3000);
    assert.deepEqual(await bodies(log), ['kept 1', 'kept 2', 'new'], `cut at ${size}`);
    log.close();
  }
});

test('a last group of the right length with wrong bytes is dropped; damage before it is an error', async (t) => {
  const directory = folder(t);
  let log = new PartitionLog(directory);
  log.append([event('one')], 1000);
  const middle = statSync(join(directory, files(directory)[0])).size;
  log.append([event('two')], 2000);
  log.close();
  const path = join(directory, files(directory)[0]);
  const bytes = readFileSync(path);

  const tail = Buffer.from(bytes);
  tail[tail.length - 1] ^= 1;
  writeFileSync(path, tail);
  log = new PartitionLog(directory);
  assert.deepEqual(await bodies(log), ['one']);
  log.close();

  const inner = Buffer.from(bytes);
  inner[middle - 1] ^= 1;
  writeFileSync(path, inner);
  assert.throws(() => new PartitionLog(directory), /damaged/);
});

test('segments roll, join without a gap, are read across, and old ones are dropped but never the active one', async (t) => {
  const directory = folder(t);
  const options = { segmentBytes: 4096 };
  let log = new PartitionLog(directory, options);
  for (let i = 0; i < 100; i++) log.append([event(`${i} ${'x'.repeat(200)}`), event(`${i}+`)], 1000 + i);
  const count = files(directory).length;
  assert.ok(count > 3);
  const all = await bodies(log);
  assert.equal(all.length, 200);
  log.close();

  log = new PartitionLog(directory, options);
  assert.equal(log.next, 200);
  assert.deepEqual(await bodies(log), all);
  for (const from of [1, 57, 133, 199]) assert.deepEqual(await bodies(log, from), all.slice(from));
  const offsets = (await log.read(0)).map((e) => e.offset);
  assert.ok(offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]));

  const old = new Date(Date.now() - 3_600_000);
  for (const name of files(directory)) utimesSync(join(directory, name), old, old);
  assert.equal(log.dropOlderThan(Date.now() - 60_000), count - 1);
  assert.equal(log.next, 200);
  assert.deepEqual(await bodies(log), all.slice(log.first));
  log.close();
});

test('a segment that was begun but holds no whole group is given up', async (t) => {
  const directory = folder(t);
  const options = { segmentBytes: 100 };
  let log = new PartitionLog(directory, options);
  log.append([event('x'.repeat(90))], 9000);
  log.append([event('second')], 9000);
  log.close();
  assert.equal(files(directory).length, 2);
  truncateSync(join(directory, files(directory)[1]), 5);
  log = new PartitionLog(directory, options);
  assert.equal(log.cutBytes, 5);
  assert.equal(log.append([event('again')], 1000).enqueuedMs, 9000);
  assert.deepEqual((await bodies(log)).map((b) => b.length), [90, 5]);
  log.close();
});

test('a read is bounded by bytes but always yields one event', async (t) => {
  const log = new PartitionLog(folder(t));
  for (let i = 0; i < 10; i++) log.append([event('y'.repeat(1000))], 1);
  assert.equal((await log.read(0, { maxBytes: 10 })).length, 1);
  assert.equal((await log.read(0, { maxBytes: 3500 })).length, 3);
  assert.equal((await log.read(8, { maxBytes: 3500 })).length, 2);
  log.close();
});
