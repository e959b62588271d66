import { content, elements, integer, isBinary, isText, pairs, skip, skipBody, text } from './wire.mjs';

// AMQP values as JSON text: numbers, texts and booleans as they are (64-bit integers with all their digits), timestamps as ISO
// text, uuids as text, binary and decimals as Base64, what JSON has no number for (NaN, infinities) as text. Descriptors are dropped.

/** The JSON text of the checked value at `at`. */
export function jsonOf(bytes, at) {
  let start = at;
  while (bytes[start] === 0) start = skip(bytes, start + 1);
  return jsonBody(bytes, start, bytes[start]);
}

// `at` is where the constructor stands. For elements of arrays it stands elsewhere, so they are copied behind theirs first.
function jsonBody(bytes, at, constructor) {
  if (isText(constructor)) return JSON.stringify(text(bytes, at));
  if (isBinary(constructor)) return `"${content(bytes, at).toString('base64')}"`;
  switch (constructor) {
    case 0x40: return 'null';
    case 0x41: return 'true';
    case 0x42: return 'false';
    case 0x56: return bytes[at + 1] !== 0 ? 'true' : 'false';
    case 0x72: return number(bytes.readFloatBE(at + 1));
    case 0x82: return number(bytes.readDoubleBE(at + 1));
    case 0x80: return bytes.readBigUInt64BE(at + 1).toString();
    case 0x81: return bytes.readBigInt64BE(at + 1).toString();
    case 0x83: return time(bytes.readBigInt64BE(at + 1));
    case 0x73: return JSON.stringify(character(bytes.readUInt32BE(at + 1)));
    case 0x98: return `"${uuid(bytes.subarray(at + 1, at + 17))}"`;
    case 0x45: case 0xc0: case 0xd0: return `[${[...listItems(bytes, at)].map((item) => jsonOf(bytes, item)).join(',')}]`;
    case 0xc1: case 0xd1: return jsonMap(bytes, at);
    case 0xe0: case 0xf0: return `[${arrayItems(bytes, at).join(',')}]`;
    default: break;
  }
  const whole = integer(bytes, at);
  return whole !== null ? String(whole) : `"${bytes.subarray(at + 1, skipBody(bytes, at + 1, constructor)).toString('base64')}"`;
}

/**
 * A JSON text without halves of surrogate pairs, which JSON.stringify writes as escapes and many readers refuse: U+FFFD stands in for them.
 * Whole pairs are never escaped by JSON.stringify.
 */
export function wellFormed(json) {
  return json.includes('\\ud') ? json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) => (escape.length === 6 ? '\ufffd' : escape)) : json;
}

/** The JSON object of a checked map; keys that are not text become the JSON text of their value. */
export function jsonMap(bytes, at) {
  const items = [];
  for (const [keyAt, valueAt] of pairs(bytes, at)) items.push(`${JSON.stringify(text(bytes, keyAt) ?? jsonOf(bytes, keyAt))}:${jsonOf(bytes, valueAt)}`);
  return `{${items.join(',')}}`;
}

/** Yields where the items of a checked list stand. */
export function* listItems(bytes, at) {
  const { count, first } = elements(bytes, at);
  for (let i = 0, next = first; i < count; i++, next = skip(bytes, next)) yield next;
}

function arrayItems(bytes, at) {
  const { count, first, element } = elements(bytes, at);
  const items = [];
  for (let i = 0, next = first; i < count; i++) {
    const end = skipBody(bytes, next, element);
    items.push(jsonBody(Buffer.concat([Buffer.from([element]), bytes.subarray(next, end)]), 0, element));
    next = end;
  }
  return items;
}

function number(value) {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function time(milliseconds) {
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime()) ? String(milliseconds) : `"${date.toISOString()}"`;
}

function character(code) {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '\ufffd';
}

function uuid(bytes) {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
