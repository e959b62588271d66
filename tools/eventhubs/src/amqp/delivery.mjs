import { parted, partitionKeyAnnotation, sectionsOf } from './sections.mjs';
import { describe, writeLong, writeMap, writeSymbol, writeText, writeTimestamp } from './wire.mjs';
import { parseHeader } from '../group.mjs';

// What a receiver gets for an event of the log: the sender's sections, with the service's own annotations among the message annotations.

const sequenceKey = writeSymbol('x-opt-sequence-number');
const offsetKey = writeSymbol('x-opt-offset');
const enqueuedKey = writeSymbol('x-opt-enqueued-time');
const partitionKeyKey = writeSymbol(partitionKeyAnnotation);

/** The message for `{sequence, offset, enqueuedMs, header, body}` as read from the log; `runtime` is what lastInfo() gave, or null. */
export function deliveryOf({ sequence, offset, enqueuedMs, header, body }, runtime) {
  const { k = null, t = null, p = {}, m = 0 } = parseHeader(header);
  const { head, pairs, count, rest } = parted(m === 1 ? body : sectionsOf({ contentType: t, properties: p, body }));
  const own = k === null ? [] : [partitionKeyKey, writeText(k)];
  own.push(sequenceKey, writeLong(sequence), offsetKey, writeText(String(offset)), enqueuedKey, writeTimestamp(enqueuedMs));

  const start = Buffer.from([0, 0x53, 0x72, 0xd1, 0, 0, 0, 0, 0, 0, 0, 0]);
  let size = 4;
  for (const part of pairs) size += part.length;
  for (const part of own) size += part.length;
  start.writeUInt32BE(size, 4);
  start.writeUInt32BE(count + own.length, 8);
  return Buffer.concat([...head, ...(runtime === null ? [] : [runtime]), start, ...pairs, ...own, ...rest]);
}

/** The delivery annotations that tell a receiver how far the partition has got; `last` is its newest event, or null. */
export function lastInfo(last, nowMs) {
  return describe(0x71, writeMap([
    writeSymbol('last_enqueued_sequence_number'), writeLong(last?.sequence ?? -1),
    writeSymbol('last_enqueued_offset'), writeText(String(last?.offset ?? -1)),
    writeSymbol('last_enqueued_time_utc'), writeTimestamp(last?.enqueuedMs ?? 0),
    writeSymbol('runtime_info_retrieval_time_utc'), writeTimestamp(nowMs),
  ]));
}
