// The hash by which Event Hubs maps a partition key to a partition: Jenkins' lookup3 in its two-result form, both
// seeds 0, over the key's UTF-8 bytes. Producers that hash on the client use the same one, so both sides agree.

const rotate = (x, n) => (x << n) | (x >>> (32 - n));

/** The 16-bit signed hash of a partition key. */
export function partitionKeyHash(key) {
  const bytes = Buffer.from(key, 'utf8');
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  if (bytes.length === 0) return 0;

  let at = 0;
  let left = bytes.length;
  while (left > 12) {
    a = (a + bytes.readInt32LE(at)) | 0;
    b = (b + bytes.readInt32LE(at + 4)) | 0;
    c = (c + bytes.readInt32LE(at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4); c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6); a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8); b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16); c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19); a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4); b = (b + a) | 0;
    at += 12;
    left -= 12;
  }

  // The last block, short or full, counts as if zeros followed it.
  const tail = Buffer.alloc(12);
  bytes.copy(tail, 0, at);
  a = (a + tail.readInt32LE(0)) | 0;
  b = (b + tail.readInt32LE(4)) | 0;
  c = (c + tail.readInt32LE(8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;

  return ((c ^ b) << 16) >> 16;
}

/** The partition, 0-based, that a key belongs to. */
export function partitionOfKey(key, partitionCount) {
  return Math.abs(partitionKeyHash(key) % partitionCount);
}
