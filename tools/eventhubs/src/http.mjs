import { createServer } from 'node:http';
import { GroupTooLarge } from './group.mjs';
import { parseSend, Refused } from './message.mjs';
import { runnerFeed } from './feed.mjs';
import { refusal } from './sas.mjs';

/** Largest request body, as Azure's largest event or batch. */
export const maxBodyBytes = 1024 * 1024;
const maxDrainedBytes = 16 * maxBodyBytes;

/**
 * The HTTP face: send calls for anyone with the key, the feed under `/$runner` for the runner on this machine, `/health`.
 * `opened.namespace` is null until the logs are open; `stopping` is an AbortSignal that ends waiting reads.
 */
export function createFace(opened, { keyName, key, stopping }) {
  return createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    route(opened.namespace, { keyName, key, stopping }, request, response).catch((error) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      if (error instanceof Refused) return answerError(response, error.status, error.message);
      if (error instanceof GroupTooLarge) return answerError(response, 413, error.message);
      process.stderr.write(`eventhubs: ${request.method} ${request.url}: ${error.stack}\n`);
      answerError(response, 500, `The request could not be completed: ${error.message}`);
    });
  });
}

async function route(namespace, options, request, response) {
  if (!URL.canParse(`http://localhost${request.url}`)) throw new Refused(400, 'The request target is not a path.');
  const url = new URL(`http://localhost${request.url}`);
  const segments = decodePath(url.pathname);
  if (segments.length === 1 && segments[0] === 'health') return answerHealth(response, namespace !== null);
  if (namespace === null) throw new Refused(503, 'The logs are being opened.');
  if (segments[0] === '$runner') return runnerFeed(namespace, options.stopping)(request, response, segments.slice(1), url.searchParams);
  await send(namespace, options, request, response, segments);
}

function answerHealth(response, healthy) {
  if (healthy) answerJson(response, 200, { status: 'healthy', message: 'Service is healthy.' });
  else answerJson(response, 503, { status: 'unhealthy', message: 'Service not available. Please try after some time.' });
}

async function send(namespace, { keyName, key }, request, response, segments) {
  const target = sendTarget(segments);
  const hub = target === null ? null : namespace.hub(target.hub);
  if (hub === null)
    throw new Refused(404, `The messaging entity 'sb://localhost/${segments.join('/')}' could not be found.`);
  const reason = refusal(request.headers.authorization, segments.slice(0, -1).join('/'), keyName, key, hub.now());
  if (reason !== null) throw new Refused(401, reason);
  if (request.method !== 'POST') throw new Refused(405, 'Only POST sends events.');
  const partition = target.partition === null ? null : partitionNumber(target.partition, hub.partitionCount);

  const body = await readBody(request);
  const { events, key: messageKey } = parseSend(request.headers['content-type'], request.rawHeaders, request.headers.brokerproperties, body);
  if (target.publisher !== null && messageKey !== null && messageKey !== target.publisher)
    throw new Refused(400, `The partition key '${messageKey}' differs from the publisher '${target.publisher}'.`);
  const partitionKey = messageKey ?? target.publisher;
  if (messageKey === null && partitionKey !== null) for (const event of events) event.key = partitionKey;

  // The answer follows the write: what is acknowledged survives the death of this process.
  await hub.append(events, { partition, key: partitionKey });
  response.writeHead(201, { 'content-length': 0 }).end();
}

// {hub}/messages, {hub}/partitions/{p}/messages, {hub}/publishers/{name}/messages
function sendTarget(segments) {
  if (segments.at(-1)?.toLowerCase() !== 'messages') return null;
  if (segments.length === 2) return { hub: segments[0], partition: null, publisher: null };
  if (segments.length !== 4) return null;
  const kind = segments[1].toLowerCase();
  if (kind === 'partitions') return { hub: segments[0], partition: segments[2], publisher: null };
  return kind === 'publishers' ? { hub: segments[0], partition: null, publisher: segments[2] } : null;
}

/** Reads a partition id. Throws Refused when there is no such partition. */
export function partitionNumber(text, count) {
  if (!/^\d{1,4}$/.test(text) || Number(text) >= count)
    throw new Refused(400, `The specified partition is invalid: '${text}'; it must be between 0 and ${count - 1}.`);
  return Number(text);
}

function decodePath(pathname) {
  try {
    return pathname.split('/').filter((s) => s !== '').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) throw new Refused(400, 'The path is not percent-encoded correctly.');
    throw error;
  }
}

// Of a body that is too large some more is read and thrown away, so that a client that is still sending gets the answer
// instead of a reset connection.
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
    else if (length > maxDrainedBytes) break;
  }
  if (length > maxBodyBytes) throw new Refused(413, `The request exceeds the limit of ${maxBodyBytes} bytes.`);
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
}

export function answerJson(response, status, value) {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }).end(bytes);
}

// The connection ends after an error: a refused body may still be on its way.
function answerError(response, status, detail) {
  const escaped = detail.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const bytes = Buffer.from(`<Error><Code>${status}</Code><Detail>${escaped}</Detail></Error>`);
  response.writeHead(status, { 'content-type': 'application/xml; charset=utf-8', 'content-length': bytes.length, connection: 'close' }).end(bytes);
}
