#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { AmqpListener } from './src/amqp/listener.mjs';
import { isGroupName, isHubName, readConfig } from './src/config.mjs';
import { createFace } from './src/http.mjs';
import { Namespace } from './src/namespace.mjs';

const usage = `node server.mjs --data DIR [options]
  --http-port N          port of the HTTPS-send face on loopback, 0 = a free one (0)
  --amqp-port N          port of the AMQP 1.0 face on loopback, 0 = a free one (0)
  --data DIR             folder of the logs
  --hub NAME             name of the event hub (audit-events)
  --partitions N         1-32 (4)
  --consumer-group NAME  a consumer group beside $Default; may be given up to 20 times
  --config FILE          several hubs, as in the official emulator's Config.json, instead of the three above
  --key-name NAME        name of the shared access key (RootManageSharedAccessKey)
  --key VALUE            the shared access key (SAS_KEY_VALUE)
  --retention-hours N    how long events are kept (24)
Prints "ready <http port> <amqp port>" when it serves. Ends when its standard input closes, and on SIGTERM, SIGINT or SIGHUP.
What was acknowledged survives the death of this process; a power cut may take the last seconds.`;

async function main() {
  const { values } = parseArgs({
    options: {
      'http-port': { type: 'string', default: '0' },
      'amqp-port': { type: 'string', default: '0' },
      data: { type: 'string' },
      hub: { type: 'string' },
      partitions: { type: 'string' },
      'consumer-group': { type: 'string', multiple: true },
      config: { type: 'string' },
      'key-name': { type: 'string', default: 'RootManageSharedAccessKey' },
      key: { type: 'string', default: 'SAS_KEY_VALUE' },
      'retention-hours': { type: 'string', default: '24' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (!values.data) throw new Error('--data is missing');
  const httpPort = whole('--http-port', values['http-port'], 0, 65535);
  const amqpPort = whole('--amqp-port', values['amqp-port'], 0, 65535);
  const retentionHours = whole('--retention-hours', values['retention-hours'], 1, 24 * 90);
  const hubs = values.config === undefined ? [oneHub(values)] : configured(values);
  const [keyName, key] = [values['key-name'], values.key];

  const stopping = new AbortController();
  const opened = { namespace: null };
  const face = await listenTwice(() => createFace(opened, { keyName, key, stopping: stopping.signal }), httpPort, '--http-port');
  const amqp = new AmqpListener(opened, { keyName, key });
  const links = await listenTwice(() => amqp.createServer(), amqpPort, '--amqp-port');

  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    stopping.abort();
    await Promise.all([...face.servers.map(closeHttp), ...links.servers.map((server) => new Promise((resolve) => { server.close(resolve); })), amqp.close()]);
    opened.namespace?.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', stop);
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  process.stdout.on('error', stop);

  const namespace = await Namespace.open(values.data, { hubs, retentionHours });
  if (stopped) return namespace.close();
  opened.namespace = namespace;
  if (namespace.cutBytes > 0) process.stderr.write(`eventhubs: cut ${namespace.cutBytes} bytes of requests that were never acknowledged\n`);
  process.stdout.write(`ready ${face.port} ${links.port}\n`);
}

function oneHub({ hub = 'audit-events', partitions = '4', 'consumer-group': consumerGroups = [] }) {
  if (!isHubName(hub)) throw new Error(`--hub: '${hub}' is not a name`);
  const wrong = consumerGroups.find((group) => !isGroupName(group) && group.toLowerCase() !== '$default');
  if (wrong !== undefined) throw new Error(`--consumer-group: '${wrong}' is not a name`);
  if (consumerGroups.length > 20) throw new Error('--consumer-group: at most 20 are allowed');
  return { name: hub, partitions: whole('--partitions', partitions, 1, 32), consumerGroups };
}

function configured(values) {
  const other = ['hub', 'partitions', 'consumer-group'].find((name) => values[name] !== undefined);
  if (other !== undefined) throw new Error(`--${other} does not go with --config, which names the hubs`);
  return readConfig(values.config);
}

function whole(name, text, least, most) {
  if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most) throw new Error(`${name}: '${text}' is not between ${least} and ${most}`);
  return Number(text);
}

// On 127.0.0.1, and on the same port of ::1 where that exists and is free.
async function listenTwice(create, wanted, option) {
  const servers = [create()];
  const port = await listen(servers[0], '127.0.0.1', wanted).catch((error) => {
    throw error.code === 'EADDRINUSE' ? new Error(`${error.message}: the port is taken; choose another with ${option}`) : error;
  });
  const six = create();
  try {
    await listen(six, '::1', port);
    servers.push(six);
  } catch (error) {
    // No IPv6 on this machine, or the port is another's there: IPv4 alone serves.
    process.stderr.write(`eventhubs: not listening on ::1 (${error.code})\n`);
  }
  return { servers, port };
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
function closeHttp(server) {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => { clearInterval(idle); resolve(); });
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}

main().catch((error) => {
  process.stderr.write(`eventhubs: ${error.message}\n`);
  process.exit(2);
});
