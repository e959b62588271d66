#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { parseEventHubConnectionString } from '@azure/event-hubs';
import { createFace } from '../src/http.mjs';
import { Forwarder } from './forward.mjs';
import { RemoteNamespace } from './remote.mjs';

const usage = `EVENT_HUB_CONNECTION=... node bridge.mjs [options]
  --http-port N       port of the feed and the send calls on loopback, 0 = a free one (0)
  --wait-seconds N    how long the hub may be away at the start, 0 = for ever (60)
The environment holds what nobody else shall see:
  EVENT_HUB_CONNECTION      connection string with key and EntityPath
  EVENT_HUB_CONSUMER_GROUP  the consumer group to read as ($Default)
Prints "ready <http port>" when it serves. Ends when its standard input closes, and on SIGTERM, SIGINT or SIGHUP.`;

let secret = '';

async function main() {
  const { values } = parseArgs({ options: { 'http-port': { type: 'string', default: '0' }, 'wait-seconds': { type: 'string', default: '60' }, help: { type: 'boolean', default: false } } });
  if (values.help) return console.log(usage);
  const httpPort = whole('--http-port', values['http-port'], 65_535);
  const waitSeconds = whole('--wait-seconds', values['wait-seconds'], 3600);
  const settings = readSettings(process.env);
  delete process.env.EVENT_HUB_CONNECTION;

  const stopping = new AbortController();
  const opened = { namespace: null };
  const forwarder = new Forwarder(settings);
  const remote = new RemoteNamespace(settings, forwarder.append, tell);
  const face = createFace(opened, { keyName: settings.keyName, key: settings.key, stopping: stopping.signal });
  const port = await listen(face, httpPort);

  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    face.close();
    setTimeout(() => process.exit(0), 3_000);
    await Promise.all([remote.close(), forwarder.close()]).catch((error) => tell(error.message));
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  process.stdout.on('error', stop);

  await remote.start(waitSeconds);
  opened.namespace = remote;
  process.stdout.write(`ready ${port}\n`);
  await remote.keep();
}

function readSettings(environment) {
  const connectionString = environment.EVENT_HUB_CONNECTION ?? '';
  const { endpoint, fullyQualifiedNamespace, eventHubName: hub, sharedAccessKeyName: keyName, sharedAccessKey: key } = parse(connectionString);
  if (!hub || !keyName || !key) throw new Error('EVENT_HUB_CONNECTION wants Endpoint, SharedAccessKeyName, SharedAccessKey and EntityPath');
  secret = key;
  const host = new URL((fullyQualifiedNamespace ?? endpoint).replace(/^(?![a-z]+:\/\/)/i, 'sb://').replace(/^[a-z]+:/i, 'http:')).hostname;
  return { connectionString, hub, keyName, key, host, consumerGroup: environment.EVENT_HUB_CONSUMER_GROUP || '$Default' };
}

// The library repeats the whole text in its own errors.
function parse(connectionString) {
  try {
    return parseEventHubConnectionString(connectionString);
  } catch {
    throw new Error('EVENT_HUB_CONNECTION is no connection string of an event hub');
  }
}

function whole(name, text, most) {
  if (!/^\d{1,6}$/.test(text) || Number(text) > most) throw new Error(`${name}: '${text}' is not between 0 and ${most}`);
  return Number(text);
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken; choose another with --http-port`) : error));
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });
}

function tell(text) {
  process.stderr.write(`bridge: ${secret === '' ? text : text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***')}\n`);
}

main().catch((error) => {
  tell(error.message);
  process.exit(2);
});
