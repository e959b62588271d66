import { check, Malformed, skip, text } from './wire.mjs';

// Stands between the socket and rhea. Cuts the stream into protocol headers and whole frames, and lets through only frames whose
// size, type and every value have been checked: rhea itself trusts sizes and counts, and would loop or allocate without bound.

const headerBytes = 8;
const closeCode = 0x18;
const transferCode = 0x14;
const codes = new Map(['open', 'begin', 'attach', 'flow', 'transfer', 'disposition', 'detach', 'end', 'close'].map((name, i) => [`amqp:${name}:list`, 0x10 + i]));

export class Gate {
  #chunks = [];
  #buffered = 0;
  #wanted = headerBytes;
  #sasl = false;
  #headerNext = true;

  constructor(maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame or header has begun but is not all there. */
  get partial() { return this.#buffered > 0; }

  /**
   * Takes bytes of the socket; returns the units that are complete, in order: `{header}` or `{frames}`, the latter one run of whole
   * frames. Throws Malformed.
   */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    const units = [];
    let at = 0;
    let runFrom = 0;
    const endRun = () => { if (at > runFrom) units.push({ frames: bytes.subarray(runFrom, at) }); };
    for (;;) {
      const left = bytes.length - at;
      const header = this.#headerNext || (this.#sasl && left > 0 && bytes[at] === 0x41);
      this.#wanted = header ? headerBytes : left < 4 ? headerBytes : this.#frameSize(bytes.readUInt32BE(at));
      if (left < this.#wanted) break;
      if (header) {
        endRun();
        units.push({ header: this.#header(bytes.subarray(at, at + headerBytes)) });
        runFrom = at + headerBytes;
      } else {
        this.#checkFrame(bytes, at, at + this.#wanted);
      }
      at += this.#wanted;
    }
    endRun();
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#buffered = bytes.length - at;
    return units;
  }

  #header(bytes) {
    if (bytes.toString('latin1', 0, 4) !== 'AMQP' || (bytes[4] !== 0 && bytes[4] !== 3) || bytes[5] !== 1 || bytes[6] !== 0 || bytes[7] !== 0)
      throw new Malformed(`'${bytes.toString('hex')}' is no header of AMQP 1.0`);
    if (this.#sasl && bytes[4] === 3) throw new Malformed('the SASL header came twice');
    this.#sasl = bytes[4] === 3;
    this.#headerNext = false;
    return bytes;
  }

  #frameSize(size) {
    if (size < headerBytes || size > this.maxFrameBytes) throw new Malformed(`a frame of ${size} bytes; the limits are ${headerBytes} and ${this.maxFrameBytes}`);
    return size;
  }

  #checkFrame(bytes, start, end) {
    const body = start + bytes[start + 4] * 4;
    if (bytes[start + 4] < 2 || body > end) throw new Malformed('the data offset of a frame is wrong');
    if (bytes[start + 5] !== (this.#sasl ? 1 : 0)) throw new Malformed(`a frame of type ${bytes[start + 5]} came at the wrong time`);
    if (body === end) return;
    if (bytes[body] !== 0) throw new Malformed('a frame without a performative');
    const budget = { values: 2000 };
    const list = check(bytes, body + 1, end, budget);
    const code = performative(bytes, body + 1);
    const [least, most] = this.#sasl ? [0x40, 0x44] : [0x10, closeCode];
    if (code < least || code > most) throw new Malformed('an unknown performative');
    if (bytes[list] !== 0x45 && bytes[list] !== 0xc0 && bytes[list] !== 0xd0) throw new Malformed('a performative that is no list');
    check(bytes, list, end, budget);
    if (code !== transferCode && skip(bytes, list) !== end) throw new Malformed('bytes after a performative');
  }
}

function performative(bytes, at) {
  if (bytes[at] === 0x53) return bytes[at + 1];
  if (bytes[at] === 0x80) return Number(bytes.readBigUInt64BE(at + 1));
  return codes.get(text(bytes, at)) ?? -1;
}
