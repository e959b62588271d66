#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createFace } from './src/http.mjs';
import { Hub } from './src/hub.mjs';

const usage = `node server.mjs --data DIR [options]
  --http-port N        port of the HTTPS-send face on loopback, 0 = a free one (0)
  --data DIR           folder of the log
  --hub NAME           name of the event hub (audit-events)
  --partitions N       1-32 (4)
  --key-name NAME      name of the shared access key (RootManageSharedAccessKey)
  --key VALUE          the shared access key (SAS_KEY_VALUE)
  --retention-hours N  how long events are kept (24)
Prints "ready <port>" when it serves. Ends when its standard input closes, and on SIGTERM, SIGINT or SIGHUP.
What was answered with 201 survives the death of this process; a power cut may take the last seconds.`;

async function main() {
  const { values } = parseArgs({
    options: {
      'http-port': { type: 'string', default: '0' },
      data: { type: 'string' },
      hub: { type: 'string', default: 'audit-events' },
      partitions: { type: 'string', default: '4' },
      'key-name': { type: 'string', default: 'RootManageSharedAccessKey' },
      key: { type: 'string', default: 'SAS_KEY_VALUE' },
      'retention-hours': { type: 'string', default: '24' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (!values.data) throw new Error('--data is missing');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,255}$/.test(values.hub)) throw new Error(`--hub: '${values.hub}' is not a name`);
  const port = whole('--http-port', values['http-port'], 0, 65535);
  const partitions = whole('--partitions', values.partitions, 1, 32);
  const retentionHours = whole('--retention-hours', values['retention-hours'], 1, 24 * 90);

  const hub = await Hub.open(values.data, { name: values.hub, partitions, retentionHours });
  if (hub.cutBytes > 0) process.stderr.write(`eventhubs: cut ${hub.cutBytes} bytes of requests that were never acknowledged\n`);

  // Other faces on the same hub (AMQP) are started and stopped here, beside this one.
  const stopping = new AbortController();
  const face = () => createFace(hub, { keyName: values['key-name'], key: values.key, stopping: stopping.signal });
  const servers = [face()];
  let bound;
  try {
    bound = await listen(servers[0], '127.0.0.1', port);
  } catch (error) {
    hub.close();
    throw error;
  }
  const six = face();
  try {
    await listen(six, '::1', bound);
    servers.push(six);
  } catch (error) {
    // No IPv6 on this machine, or the port is another's there: IPv4 alone serves.
    process.stderr.write(`eventhubs: not listening on ::1 (${error.code})\n`);
  }

  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    stopping.abort();
    await Promise.all(servers.map(close));
    hub.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', stop);
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  process.stdout.on('error', stop);
  process.stdout.write(`ready ${bound}\n`);
}

function whole(name, text, least, most) {
  if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most) throw new Error(`${name}: '${text}' is not between ${least} and ${most}`);
  return Number(text);
}

function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: host === '::1' }, () => {
      server.removeListener('error', reject);
      resolve(server.address().port);
    });
  });
}

// Requests under way get two seconds to finish; writes themselves are never cut, for they happen in one step.
function close(server) {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => { clearInterval(idle); resolve(); });
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}

main().catch((error) => {
  const hint = error.code === 'EADDRINUSE' ? ': the port is taken; choose another with --http-port' : '';
  process.stderr.write(`eventhubs: ${error.message}${hint}\n`);
  process.exit(2);
});
