import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../src/config.mjs';
import { folder, goodToken, post, start } from './start.mjs';

const hubs = (...entities) => ({ UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Name: 'emulatorNs1', Entities: entities }], LoggingConfig: { Type: 'File' } } });
const write = (t, config) => {
  const path = join(folder(t), 'Config.json');
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
  return path;
};

test('the hubs of a Config.json are served, with their partitions, and $default is always there', async (t) => {
  const path = write(t, `\ufeff${JSON.stringify(hubs({ Name: 'eh1', PartitionCount: 2, ConsumerGroups: [{ Name: 'cg1' }] }, { Name: 'Eh-2', PartitionCount: '32' }))}`);
  assert.deepEqual(readConfig(path), [{ name: 'eh1', partitions: 2, consumerGroups: ['cg1'] }, { name: 'Eh-2', partitions: 32, consumerGroups: [] }]);

  const data = folder(t);
  const { base } = await start(t, data, '--config', path);
  const authorization = goodToken('sb://localhost/');
  assert.equal((await post(base, '/eh1/partitions/1/messages', 'one', { authorization })).status, 201);
  assert.equal((await post(base, '/eh-2/partitions/31/messages', 'two', { authorization })).status, 201);
  assert.equal((await post(base, '/audit-events/messages', 'none', { authorization })).status, 404);
  const ranges = async (hub) => (await (await fetch(`${base}/$runner/${hub}`)).json()).partitions.map((p) => p.next);
  assert.deepEqual(await ranges('eh1'), [0, 1]);
  assert.equal((await ranges('EH-2'))[31], 1);
});

test('every fault of a Config.json is named with its path', (t) => {
  const faults = (config) => {
    try {
      readConfig(write(t, config));
      return [];
    } catch (error) {
      return error.message.split('\n').slice(1).map((line) => line.trim().split(': ')[0]);
    }
  };
  const at = 'UserConfig.NamespaceConfig[0]';
  assert.deepEqual(faults(hubs(
    { Name: '-bad', PartitionCount: 0 },
    { Name: 'a', PartitionCount: 33, ConsumerGroups: [{ Name: '$Default' }, { Name: 'x y' }, { Name: 'g' }, { Name: 'G' }] },
    { Name: 'A', PartitionCount: 1.5 },
    { Name: 'lock', PartitionCount: 1, ConsumerGroups: Array.from({ length: 21 }, (_, i) => ({ Name: `g${i}` })) },
  )), [
    `${at}.Entities[2].Name`, `${at}.Entities[0].Name`, `${at}.Entities[0].PartitionCount`, `${at}.Entities[1].PartitionCount`, `${at}.Entities[1].ConsumerGroups[0].Name`,
    `${at}.Entities[1].ConsumerGroups[1].Name`, `${at}.Entities[1].ConsumerGroups[3].Name`, `${at}.Entities[2].PartitionCount`, `${at}.Entities[3].Name`, `${at}.Entities[3].ConsumerGroups`,
  ]);
  assert.deepEqual(faults({ UserConfig: { NamespaceConfig: [{ Type: 'ServiceBus', Entities: [] }, null] } }),
    ['UserConfig.NamespaceConfig', `${at}.Type`, `${at}.Name`, `${at}.Entities`, 'UserConfig.NamespaceConfig[1].Type', 'UserConfig.NamespaceConfig[1].Name', 'UserConfig.NamespaceConfig[1].Entities']);
  assert.deepEqual(faults({}), ['UserConfig.NamespaceConfig']);
  assert.deepEqual(faults(hubs(null)), [`${at}.Entities[0].Name`, `${at}.Entities[0].PartitionCount`]);
  assert.throws(() => readConfig(write(t, '{"UserConfig":')), /Config\.json: .*JSON/);
});

test('options that do not go together, and names that are none, end with 2', async (t) => {
  const path = write(t, hubs({ Name: 'eh1', PartitionCount: 2 }));
  await assert.rejects(start(t, folder(t), '--config', path, '--hub', 'x'), /ended with 2: .*--hub does not go with --config/);
  await assert.rejects(start(t, folder(t), '--consumer-group', 'a b'), /ended with 2: .*--consumer-group/);
  await assert.rejects(start(t, folder(t), '--hub', 'lock'), /ended with 2: .*--hub/);
  await assert.rejects(start(t, folder(t), '--config', write(t, {})), /ended with 2: .*NamespaceConfig: an array is missing/s);
});

test('health says 503 until the logs are open', async (t) => {
  const data = folder(t);
  const first = await start(t, data);
  // The second one waits for the lock of the first; its port is told only when it is ready, so it gets one that was free a moment ago.
  const { createServer } = await import('node:net');
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => { const { port: free } = probe.address(); probe.close(() => resolve(free)); });
  });
  const second = start(t, data, '--http-port', String(port));
  let early;
  for (let tries = 0; early === undefined && tries < 200; tries++) {
    early = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (early === undefined) await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  assert.equal(early.status, 503);
  assert.deepEqual(await early.json(), { status: 'unhealthy', message: 'Service not available. Please try after some time.' });
  assert.equal((await fetch(`http://127.0.0.1:${port}/$runner/audit-events`)).status, 503);
  first.child.stdin.end();
  await first.exited;
  const { base } = await second;
  assert.equal((await fetch(`${base}/health`)).status, 200);
});
