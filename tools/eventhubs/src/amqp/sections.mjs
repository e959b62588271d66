import { jsonMap, jsonOf, listItems } from './json.mjs';
import { check, content, describe, find, isBinary, isList, isMap, isText, Malformed, pairs, skip, text, writeBinary, writeBoolean, writeDouble, writeList, writeLong, writeMap, writeNull, writeSymbol, writeText } from './wire.mjs';

// A message is a run of sections, each a described value. What a sender sent is stored section by section as it came (only the
// delivery annotations, which belong to one hop, are left out), so that a receiver gets it back byte for byte.

export const batchFormat = 0x80013700;
export const partitionKeyAnnotation = 'x-opt-partition-key';

/** The annotations that the service itself puts on an event; incoming copies of them are dropped. */
const ownAnnotations = new Set([partitionKeyAnnotation, 'x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time']);

const deliveryAnnotations = 0x71;
const messageAnnotations = 0x72;
const properties = 0x73;
const applicationProperties = 0x74;
const data = 0x75;
const sequence = 0x76;
const value = 0x77;
const footer = 0x78;
const names = ['header', 'delivery-annotations', 'message-annotations', 'properties', 'application-properties', 'data', 'amqp-sequence', 'amqp-value', 'footer'];
const symbols = new Map([
  ['amqp:header:list', 0x70], ['amqp:delivery-annotations:map', deliveryAnnotations], ['amqp:message-annotations:map', messageAnnotations], ['amqp:properties:list', properties],
  ['amqp:application-properties:map', applicationProperties], ['amqp:data:binary', data], ['amqp:amqp-sequence:list', sequence], ['amqp:amqp-value:*', value], ['amqp:footer:map', footer],
]);

const propertyNames = ['message-id', 'user-id', 'to', 'subject', 'reply-to', 'correlation-id', 'content-type', 'content-encoding', 'absolute-expiry-time', 'creation-time', 'group-id', 'group-sequence', 'reply-to-group-id'];

/** Cuts a message into `{code, start, valueAt, end}`. With `checked` the bytes have been through here before. Throws Malformed. */
export function cut(message, { checked = false } = {}) {
  const sections = [];
  // Every value takes a byte at least, but for elements of arrays of `true`, `null` and the like: those count as if they did, so that
  // the work is bounded by the bytes that came.
  const budget = { values: message.length };
  for (let at = 0; at < message.length;) {
    if (message[at] !== 0) throw new Malformed(`byte ${at} does not begin a section`);
    const valueAt = checked ? skip(message, at + 1) : check(message, at + 1, message.length, budget);
    const end = checked ? skip(message, valueAt) : check(message, valueAt, message.length, budget);
    const code = sectionCode(message, at + 1);
    if (!checked) checkSection(message, code, valueAt);
    sections.push({ code, start: at, valueAt, end });
    at = end;
  }
  return sections;
}

function sectionCode(message, at) {
  if (message[at] === 0x53) return message[at + 1];
  if (message[at] === 0x80) return Number(message.readBigUInt64BE(at + 1));
  return symbols.get(text(message, at)) ?? -1;
}

function checkSection(message, code, valueAt) {
  const constructor = message[valueAt];
  const fits = code === data ? isBinary(constructor)
    : code === value ? true
      : code === 0x70 || code === properties || code === sequence ? isList(constructor)
        : code >= 0x70 && code <= footer && isMap(constructor);
  if (!fits) throw new Malformed(code >= 0x70 && code <= footer ? `the ${names[code - 0x70]} section has the wrong type` : 'there is an unknown section');
}

/**
 * A transfer's payload as what is to be stored: `{key, events: [{key, sections, message, annotations}]}`, `annotations` the section of them in
 * `message`, the event as it came. Throws Malformed.
 */
export function eventsOf(payload, format) {
  const sections = cut(payload);
  const envelopeKey = keyOf(payload, sections);
  if (format !== batchFormat) return { key: envelopeKey, events: [eventOf(payload, sections, envelopeKey)] };

  const events = sections.filter(({ code }) => code === data).map(({ valueAt }) => {
    const message = content(payload, valueAt);
    const inner = cut(message);
    return eventOf(message, inner, keyOf(message, inner) ?? envelopeKey);
  });
  if (events.length === 0) throw new Malformed('the batch holds no event');
  return { key: envelopeKey ?? events[0].key, events };
}

function eventOf(message, sections, key) {
  const kept = sections.filter(({ code }) => code !== deliveryAnnotations);
  const stored = kept.length === sections.length ? message : Buffer.concat(kept.map(({ start, end }) => message.subarray(start, end)));
  return { key, sections: stored, annotations: sections.find(({ code }) => code === messageAnnotations), message };
}

function keyOf(message, sections) {
  const annotations = sections.find(({ code }) => code === messageAnnotations);
  const at = annotations === undefined ? -1 : find(message, annotations.valueAt, partitionKeyAnnotation);
  const key = at < 0 ? null : text(message, at);
  if (key !== null && key.length > 128) throw new Malformed('the partition key is longer than 128 characters');
  return key;
}

/**
 * A stored message in pieces to send: `{head, pairs, count, rest}`. `head` is its header section, `pairs` the bytes of the sender's
 * own message annotations (`count` keys and values), `rest` everything after them.
 */
export function parted(stored) {
  const head = [];
  const kept = [];
  const rest = [];
  let count = 0;
  for (const { code, start, valueAt, end } of cut(stored, { checked: true })) {
    if (code === 0x70) head.push(stored.subarray(start, end));
    else if (code !== messageAnnotations) rest.push(stored.subarray(start, end));
    else {
      for (const [keyAt, , pairEnd] of pairs(stored, valueAt)) {
        if (ownAnnotations.has(text(stored, keyAt))) continue;
        kept.push(stored.subarray(keyAt, pairEnd));
        count += 2;
      }
    }
  }
  return { head, pairs: kept, count, rest };
}

/** What the runner's feed shows of a stored message: JSON texts, and the body's bytes. */
export function feedView(stored) {
  const bodies = [];
  const system = [];
  let contentType = 'null';
  let own = '{}';
  for (const { code, valueAt } of cut(stored, { checked: true })) {
    if (code === properties) {
      let i = 0;
      for (const item of listItems(stored, valueAt)) {
        const name = propertyNames[i++];
        if (name === undefined || stored[item] === 0x40) continue;
        const json = jsonOf(stored, item);
        system.push(`"${name}":${json}`);
        if (name === 'content-type' && isText(stored[item])) contentType = json;
      }
    } else if (code === messageAnnotations) {
      for (const [keyAt, itemAt] of pairs(stored, valueAt)) {
        const name = text(stored, keyAt);
        if (name !== null && !ownAnnotations.has(name)) system.push(`${JSON.stringify(name)}:${jsonOf(stored, itemAt)}`);
      }
    } else if (code === applicationProperties) own = jsonMap(stored, valueAt);
    else if (code === data || code === sequence || code === value) bodies.push({ code, valueAt });
  }
  return { contentType, properties: own, systemProperties: `{${system.join(',')}}`, body: bodyOf(stored, bodies) };
}

// Data as it is, several sections in a row; a value that is text or binary as its bytes; any other value as its JSON text.
function bodyOf(stored, bodies) {
  if (bodies.length === 0) return Buffer.alloc(0);
  const [{ code, valueAt }] = bodies;
  if (code === data) {
    const parts = bodies.filter((part) => part.code === data).map((part) => content(stored, part.valueAt));
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
  if (code === sequence) {
    const items = bodies.filter((part) => part.code === sequence).flatMap((part) => [...listItems(stored, part.valueAt)]);
    return Buffer.from(`[${items.map((item) => jsonOf(stored, item)).join(',')}]`);
  }
  let at = valueAt;
  while (stored[at] === 0) at = skip(stored, at + 1);
  if (stored[at] === 0x40) return Buffer.alloc(0);
  return isText(stored[at]) || isBinary(stored[at]) ? content(stored, at) : Buffer.from(jsonOf(stored, at));
}

/** The sections of an event that came over HTTP: its content type, its properties, its body as data. */
export function sectionsOf({ contentType, properties: given, body }) {
  const parts = [];
  if (contentType != null) parts.push(describe(properties, writeList([...Array(6).fill(writeNull), writeSymbol(contentType)])));
  const entries = Object.entries(given ?? {}).flatMap(([name, item]) => [writeText(name), simple(item)]);
  if (entries.length > 0) parts.push(describe(applicationProperties, writeMap(entries)));
  parts.push(describe(data, writeBinary(body)));
  return Buffer.concat(parts);
}

function simple(item) {
  if (item === null) return writeNull;
  if (typeof item === 'boolean') return writeBoolean(item);
  if (typeof item === 'number') return Number.isSafeInteger(item) ? writeLong(item) : writeDouble(item);
  return writeText(String(item));
}
