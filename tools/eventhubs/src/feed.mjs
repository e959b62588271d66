import { wellFormed } from './amqp/json.mjs';
import { feedView } from './amqp/sections.mjs';
import { parseHeader } from './group.mjs';
import { answerJson, partitionNumber } from './http.mjs';
import { Refused } from './message.mjs';

// The feed for the LocalRunner: plain HTTP long polling, without credentials, for callers on this machine only.
//   GET /$runner/{hub}                           -> {namespace, partitions: [{id, first, next}]}
//   GET /$runner/{hub}/partitions/{p}/events     -> {namespace, hub, partition, events: [...]}
//       from=<sequence number>  max=1000  minCount=1  waitMs=0  to=<sequence number, inclusive>
// It answers when minCount events are there (or all up to `to`), else after waitMs with what there is.

const maxWaitMs = 60_000;
const maxEvents = 10_000;

export function runnerFeed(namespace, stopping) {

  return async function feed(request, response, segments, query) {
    if (!isLoopback(request)) throw new Refused(403, 'The feed is for callers on this machine.');
    if (request.method !== 'GET') throw new Refused(405, 'Only GET reads the feed.');
    const hub = namespace.hub(segments[0] ?? '');
    if (hub === null) throw new Refused(404, `There is no hub '${segments[0] ?? ''}'.`);
    const host = namespace.hostOf(hub);
    if (segments.length === 1) return answerJson(response, 200, { namespace: host, partitions: await hub.ranges() });
    if (segments.length !== 4 || segments[1] !== 'partitions' || segments[3] !== 'events') throw new Refused(404, 'There is no such feed.');

    const partition = partitionNumber(segments[2], hub.partitionCount);
    const from = number(query, 'from', 0, Number.MAX_SAFE_INTEGER);
    const to = number(query, 'to', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    const max = Math.max(1, number(query, 'max', 1000, maxEvents));
    const minCount = Math.min(max, Math.max(1, number(query, 'minCount', 1, maxEvents)));
    const waitMs = number(query, 'waitMs', 0, maxWaitMs);
    const { next } = hub.range(partition);
    if (from > next) throw new Refused(416, `The supplied sequence number '${from}' is invalid. The last sequence number in the system is '${next - 1}'.`);

    const events = await hub.receive(partition, { from, to, max, minCount, waitMs, signal: stopping });
    if (!response.destroyed) answerJson(response, 200, encode(host, hub.name, partition, events));
  };
}

// Written by hand: bodies are most of the answer, and their base64 needs no escaping.
function encode(host, hubName, partition, events) {
  let lastMs = -1;
  let time = '';
  const items = events.map(({ sequence, offset, enqueuedMs, header, body }) => {
    if (enqueuedMs !== lastMs) [lastMs, time] = [enqueuedMs, new Date(enqueuedMs).toISOString().replace('Z', '0000Z')];
    const fields = parseHeader(header);
    const view = fields.m === 1 ? feedView(body) : plainView(fields, body);
    return `{"sequenceNumber":${sequence},"offset":"${offset}","enqueuedTimeUtc":"${time}","partitionKey":${wellFormed(JSON.stringify(fields.k ?? null))},`
      + `"properties":${view.properties},"systemProperties":${view.systemProperties},"contentType":${view.contentType},"body":"${view.body.toString('base64')}"}`;
  });
  return `{"namespace":"${host}","hub":${JSON.stringify(hubName)},"partition":"${partition}","events":[${items.join(',')}]}`;
}

function plainView({ t = null, p = {} }, body) {
  const contentType = JSON.stringify(t);
  return { properties: wellFormed(JSON.stringify(p)), systemProperties: t === null ? '{}' : `{"content-type":${contentType}}`, contentType, body };
}

function number(query, name, otherwise, most) {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  if (!/^\d{1,16}$/.test(text)) throw new Refused(400, `'${name}' is not a number: '${text}'.`);
  return Math.min(Number(text), most);
}

// The listener is on loopback anyway; the Host check keeps web pages of other names out.
function isLoopback(request) {
  const address = request.socket.remoteAddress ?? '';
  const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return (address === '::1' || /^(::ffff:)?127\./.test(address)) && ['localhost', '127.0.0.1', '[::1]'].includes(name);
}
