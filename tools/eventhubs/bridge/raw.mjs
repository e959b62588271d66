import rhea from 'rhea';

// The client library decodes a message to values: how an integer was encoded, or where a second data section began, is lost on the way.
// The runner is to get what it would get from the local endpoint, so the bytes that a message was decoded from are kept beside it. The
// decoder is the one of the library's own `rhea`; the message annotations are the one object that it hands on as it is.

const bytesOf = new WeakMap();
const { message } = rhea;
const decode = message.decode;

message.decode = (bytes) => {
  const decoded = decode(bytes);
  if (decoded.message_annotations !== undefined) bytesOf.set(decoded.message_annotations, bytes);
  return decoded;
};

/** The sections of a received event as the hub sent them. */
export function rawBytes(event) {
  const annotations = event.getRawAmqpMessage().messageAnnotations;
  const bytes = annotations === undefined ? undefined : bytesOf.get(annotations);
  if (bytes === undefined) throw new Error('the client library no longer hands on the decoded message; this bridge was made for another version of it');
  return bytes;
}
