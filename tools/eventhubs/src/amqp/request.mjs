import { listItems } from './json.mjs';
import { cut } from './sections.mjs';
import { check, describe, find, integer, skip, text, writeInt, writeList, writeMap, writeNull, writeText } from './wire.mjs';

// Requests to `$cbs` and `$management`: a message with an operation among its application properties, answered by one whose
// correlation-id is the request's message-id, of the same type.

/** Reads a request: `{messageId, replyTo, application(name), body}`, texts or null. Throws Malformed. */
export function readRequest(payload) {
  let messageId = writeNull;
  let replyTo = null;
  let properties = null;
  let body = null;
  for (const { code, valueAt } of cut(payload)) {
    if (code === 0x73) {
      const items = [...listItems(payload, valueAt)];
      if (items.length > 0) messageId = payload.subarray(items[0], skip(payload, items[0]));
      if (items.length > 4) replyTo = text(payload, items[4]);
    } else if (code === 0x74) properties = valueAt;
    else if (code === 0x77) body = text(payload, valueAt);
  }
  const application = (name) => {
    const at = properties === null ? -1 : find(payload, properties, name);
    return at < 0 ? null : text(payload, at) ?? numberText(payload, at);
  };
  return { messageId, replyTo, application, body };
}

// Some clients send a partition id as a number.
function numberText(payload, at) {
  const number = integer(payload, at);
  return number === null ? null : String(number);
}

/** Writes an answer; `body` is the bytes of one value. */
export function writeAnswer(messageId, status, description, body = writeNull) {
  check(messageId, 0, messageId.length, { values: 10 });
  return Buffer.concat([
    describe(0x73, writeList([writeNull, writeNull, writeNull, writeNull, writeNull, messageId])),
    describe(0x74, writeMap([writeText('status-code'), writeInt(status), writeText('status-description'), writeText(description)])),
    describe(0x77, body),
  ]);
}
