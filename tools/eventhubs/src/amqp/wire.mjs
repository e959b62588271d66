// The AMQP 1.0 type system on bytes: enough to walk, check and cut values without building objects for them.
// The high nibble of a constructor tells how a value is laid out:
//   4x 0 bytes, 5x 1, 6x 2, 7x 4, 8x 8, 9x 16, ax u8 length, bx u32 length,
//   cx u8 size and count, dx u32 size and count, ex and fx the same for arrays, 00 a descriptor and then the value.

/** Bytes that are not what AMQP 1.0 says they should be. */
export class Malformed extends Error {}

const maxDepth = 24;
/** An array of `true` or `null` takes no bytes per element; without a bound a few bytes could claim billions. */
const maxEmptyElements = 65_536;

/** Checks the value at `at`, everything inside it included, and returns where it ends. `budget.values` bounds the number of values. */
export function check(bytes, at, end, budget, depth = 0) {
  if (at >= end) throw new Malformed('a value ends too early');
  const constructor = bytes[at];
  if (constructor !== 0) return checkBody(bytes, at + 1, end, constructor, budget, depth);
  if (depth >= maxDepth) throw new Malformed('values are nested too deeply');
  return check(bytes, check(bytes, at + 1, end, budget, depth + 1), end, budget, depth + 1);
}

function checkBody(bytes, at, end, constructor, budget, depth) {
  if (--budget.values < 0) throw new Malformed('there are too many values');
  switch (constructor >>> 4) {
    case 0x4: return fixed(at, end, 0);
    case 0x5: return fixed(at, end, 1);
    case 0x6: return fixed(at, end, 2);
    case 0x7: return fixed(at, end, 4);
    case 0x8: return fixed(at, end, 8);
    case 0x9: return fixed(at, end, 16);
    case 0xa: return fixed(at + 1, end, u8(bytes, at, end));
    case 0xb: return fixed(at + 4, end, u32(bytes, at, end));
    case 0xc: case 0xd: case 0xe: case 0xf: return checkCompound(bytes, at, end, constructor, budget, depth);
    default: throw new Malformed(`0x${constructor.toString(16)} is no type`);
  }
}

function checkCompound(bytes, at, end, constructor, budget, depth) {
  if (depth >= maxDepth) throw new Malformed('values are nested too deeply');
  const wide = (constructor & 0x10) !== 0;
  const width = wide ? 4 : 1;
  const size = wide ? u32(bytes, at, end) : u8(bytes, at, end);
  const stop = fixed(at + width, end, size);
  const count = wide ? u32(bytes, at + 4, stop) : u8(bytes, at + 1, stop);
  let next = at + 2 * width;
  if (constructor >= 0xe0) {
    const { element, first } = arrayElements(bytes, next, stop, budget, depth);
    if (element >>> 4 === 0x4 && count > maxEmptyElements) throw new Malformed('an array claims too many elements');
    next = first;
    for (let i = 0; i < count; i++) next = checkBody(bytes, next, stop, element, budget, depth + 1);
  } else {
    if ((constructor === 0xc1 || constructor === 0xd1) && count % 2 !== 0) throw new Malformed('a map has a key without a value');
    for (let i = 0; i < count; i++) next = check(bytes, next, stop, budget, depth + 1);
  }
  if (next !== stop) throw new Malformed('a list, map or array is not as long as it says');
  return stop;
}

// The constructor of an array stands once, before its elements, and may be described.
function arrayElements(bytes, at, stop, budget, depth) {
  let next = at;
  while (next < stop && bytes[next] === 0) next = check(bytes, next + 1, stop, budget, depth + 1);
  if (next >= stop) throw new Malformed('an array has no element type');
  return { element: bytes[next], first: next + 1 };
}

function fixed(at, end, length) {
  if (at + length > end) throw new Malformed('a value ends too early');
  return at + length;
}

function u8(bytes, at, end) {
  if (at + 1 > end) throw new Malformed('a value ends too early');
  return bytes[at];
}

function u32(bytes, at, end) {
  if (at + 4 > end) throw new Malformed('a value ends too early');
  return bytes.readUInt32BE(at);
}

/** Where a value that was checked ends. */
export function skip(bytes, at) {
  const constructor = bytes[at];
  return constructor === 0 ? skip(bytes, skip(bytes, at + 1)) : skipBody(bytes, at + 1, constructor);
}

/** Where a checked value ends whose constructor stood elsewhere, as for the elements of an array. */
export function skipBody(bytes, at, constructor) {
  switch (constructor >>> 4) {
    case 0x4: return at;
    case 0x5: return at + 1;
    case 0x6: return at + 2;
    case 0x7: return at + 4;
    case 0x8: return at + 8;
    case 0x9: return at + 16;
    case 0xa: case 0xc: case 0xe: return at + 1 + bytes[at];
    default: return at + 4 + bytes.readUInt32BE(at);
  }
}

/** The elements of a checked list, map or array: `{count, first, element}`; `element` is the constructor of an array's, else null. */
export function elements(bytes, at) {
  const constructor = bytes[at];
  if (constructor === 0x45) return { count: 0, first: at + 1, element: null };
  const wide = (constructor & 0x10) !== 0;
  const count = wide ? bytes.readUInt32BE(at + 5) : bytes[at + 2];
  let first = at + (wide ? 9 : 3);
  if (constructor < 0xe0) return { count, first, element: null };
  while (bytes[first] === 0) first = skip(bytes, first + 1);
  return { count, first: first + 1, element: bytes[first] };
}

export const isMap = (constructor) => constructor === 0xc1 || constructor === 0xd1;
export const isList = (constructor) => constructor === 0x45 || constructor === 0xc0 || constructor === 0xd0;
export const isBinary = (constructor) => constructor === 0xa0 || constructor === 0xb0;
export const isText = (constructor) => constructor === 0xa1 || constructor === 0xb1 || constructor === 0xa3 || constructor === 0xb3;

/** The bytes of a checked binary, string or symbol, as a view. */
export function content(bytes, at) {
  return (bytes[at] & 0x10) === 0 ? bytes.subarray(at + 2, at + 2 + bytes[at + 1]) : bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1));
}

/** The text of a checked string or symbol, else null. */
export function text(bytes, at) {
  return isText(bytes[at]) ? content(bytes, at).toString('utf8') : null;
}

/** The number of a checked integer of any width, else null. Beyond 2^53 it is rounded. */
export function integer(bytes, at) {
  switch (bytes[at]) {
    case 0x43: case 0x44: return 0;
    case 0x50: case 0x52: case 0x53: return bytes[at + 1];
    case 0x51: case 0x54: case 0x55: return bytes.readInt8(at + 1);
    case 0x60: return bytes.readUInt16BE(at + 1);
    case 0x61: return bytes.readInt16BE(at + 1);
    case 0x70: return bytes.readUInt32BE(at + 1);
    case 0x71: return bytes.readInt32BE(at + 1);
    case 0x80: return Number(bytes.readBigUInt64BE(at + 1));
    case 0x81: case 0x83: return Number(bytes.readBigInt64BE(at + 1));
    default: return null;
  }
}

/** Yields `[keyAt, valueAt, end]` for the pairs of a checked map. */
export function* pairs(bytes, at) {
  const { count, first } = elements(bytes, at);
  let next = first;
  for (let i = 0; i < count; i += 2) {
    const valueAt = skip(bytes, next);
    const end = skip(bytes, valueAt);
    yield [next, valueAt, end];
    next = end;
  }
}

/** Where the value of `key` stands in a checked map, or -1. */
export function find(bytes, at, key) {
  for (const [keyAt, valueAt] of pairs(bytes, at)) if (text(bytes, keyAt) === key) return valueAt;
  return -1;
}

// Writing: each returns the bytes of one value, constructor included.

export const writeNull = Buffer.from([0x40]);
export const writeBoolean = (value) => Buffer.from([value ? 0x41 : 0x42]);
export const writeText = (value) => variable(Buffer.from(value, 'utf8'), 0xa1);
export const writeSymbol = (value) => variable(Buffer.from(value, 'utf8'), 0xa3);
export const writeBinary = (value) => variable(value, 0xa0);
export const writeDouble = (value) => eight(0x82, (b) => b.writeDoubleBE(value, 1));
export const writeLong = (value) => eight(0x81, (b) => b.writeBigInt64BE(BigInt(value), 1));
export const writeTimestamp = (milliseconds) => eight(0x83, (b) => b.writeBigInt64BE(BigInt(milliseconds), 1));

export function writeInt(value) {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0x71;
  bytes.writeInt32BE(value, 1);
  return bytes;
}

export const writeList = (values) => (values.length === 0 ? Buffer.from([0x45]) : compound(0xd0, values));

/** `entries` holds key, value, key, value ... as written bytes. */
export const writeMap = (entries) => compound(0xd1, entries);

export function writeTextArray(values) {
  const items = values.map((value) => writeText(value).subarray(1));
  return compound(0xf0, [Buffer.from([0xa1]), ...items], items.length);
}

/** A described value whose descriptor is a small number, as those of all message sections are. */
export const describe = (code, value) => Buffer.concat([Buffer.from([0, 0x53, code]), value]);

function variable(content, narrow) {
  const head = content.length < 256 ? Buffer.from([narrow, content.length]) : Buffer.allocUnsafe(5);
  if (content.length >= 256) {
    head[0] = narrow | 0x10;
    head.writeUInt32BE(content.length, 1);
  }
  return Buffer.concat([head, content]);
}

function compound(constructor, values, count = values.length) {
  const head = Buffer.allocUnsafe(9);
  head[0] = constructor;
  head.writeUInt32BE(values.reduce((sum, value) => sum + value.length, 4), 1);
  head.writeUInt32BE(count, 5);
  return Buffer.concat([head, ...values]);
}

function eight(constructor, write) {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = constructor;
  write(bytes);
  return bytes;
}
