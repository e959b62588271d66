import { crc32 } from 'node:zlib';

// One group = the events of one request = one write call. Either the whole group is in the log or none of it.
//
//   u32 length    bytes after the checksum
//   u32 crc32     of these bytes
//   f64 enqueued  milliseconds since 1970, the same for all events of the group
//   u32 count     events
//   count times:  u32 header length | u32 body length | header, JSON, may be empty | body
//
// All numbers little-endian. Header fields: k partition key, t content type, p application properties, and m: 1 when the body is the
// sections of an AMQP message (without delivery annotations) as they came; such an event has no t and p, for the sections hold them.

export const prefixBytes = 8;
export const fixedBytes = prefixBytes + 12;

/** Longest group a reader accepts; anything above is damage, not data. */
export const maxGroupBytes = 8 * 1024 * 1024;

/** Events that are too many, or say too much beside their bodies, for one group. */
export class GroupTooLarge extends Error {}

const noHeader = Buffer.alloc(0);
const sectionsHeader = Buffer.from('{"m":1}');
const sectionsOnly = { m: 1 };

/** Encodes events, `{key, contentType, properties, body}` or `{key, sections}` (body and sections are Buffers), to one group. */
export function encodeGroup(events, enqueuedMs) {
  const headers = new Array(events.length);
  let length = fixedBytes;
  for (let i = 0; i < events.length; i++) {
    headers[i] = encodeHeader(events[i]);
    length += 8 + headers[i].length + bodyOf(events[i]).length;
  }
  if (length > maxGroupBytes) throw new GroupTooLarge(`The events take ${length} bytes in the log with their keys and properties; the limit is ${maxGroupBytes}.`);

  const group = Buffer.allocUnsafe(length);
  group.writeUInt32LE(length - prefixBytes, 0);
  group.writeDoubleLE(enqueuedMs, 8);
  group.writeUInt32LE(events.length, 16);
  let at = fixedBytes;
  for (let i = 0; i < events.length; i++) {
    const body = bodyOf(events[i]);
    group.writeUInt32LE(headers[i].length, at);
    group.writeUInt32LE(body.length, at + 4);
    headers[i].copy(group, at + 8);
    body.copy(group, at + 8 + headers[i].length);
    at += 8 + headers[i].length + body.length;
  }
  group.writeUInt32LE(crc32(group.subarray(prefixBytes)), 4);
  return group;
}

const bodyOf = ({ body, sections }) => sections ?? body;

function encodeHeader({ key, contentType, properties, sections }) {
  if (sections !== undefined && key == null) return sectionsHeader;
  const header = {};
  if (key != null) header.k = key;
  if (sections !== undefined) header.m = 1;
  if (contentType != null) header.t = contentType;
  if (properties && Object.keys(properties).length > 0) header.p = properties;
  return Object.keys(header).length === 0 ? noHeader : Buffer.from(JSON.stringify(header));
}

/** The fields of an event's header. */
export function parseHeader(header) {
  if (header.length === 0) return {};
  return header.equals(sectionsHeader) ? sectionsOnly : JSON.parse(header.toString('utf8'));
}

/** Whether the bytes of one whole group are those that were written. */
export function isIntact(group) {
  return crc32(group.subarray(prefixBytes)) === group.readUInt32LE(4);
}

/** Yields `{index, position, header, body}` for the events of one whole group; header and body are views. */
export function* eventsOf(group) {
  const count = group.readUInt32LE(16);
  let at = fixedBytes;
  for (let index = 0; index < count; index++) {
    const headerEnd = at + 8 + group.readUInt32LE(at);
    const bodyEnd = headerEnd + group.readUInt32LE(at + 4);
    yield { index, position: at, header: group.subarray(at + 8, headerEnd), body: group.subarray(headerEnd, bodyEnd) };
    at = bodyEnd;
  }
}
