import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fixedBytes, isIntact, maxGroupBytes, prefixBytes } from './group.mjs';

const windowBytes = 4 * 1024 * 1024;
const indexEveryBytes = 64 * 1024;

/** One file of a partition's log: `<first sequence number>-<bytes before>.log`, both with 16 digits. */
export class Segment {
  #index = null;
  #descriptor = null;

  constructor(path, firstSequence, baseOffset, size) {
    this.path = path;
    this.firstSequence = firstSequence;
    this.baseOffset = baseOffset;
    this.size = size;
    this.nextSequence = firstSequence;
    this.lastEnqueuedMs = 0;
  }

  static fileName(firstSequence, baseOffset) {
    return `${String(firstSequence).padStart(16, '0')}-${String(baseOffset).padStart(16, '0')}.log`;
  }

  /** Reads sequence number and offset from a file name, or null when the name is not a segment's. */
  static parseName(name) {
    const match = /^(\d{16})-(\d{16})\.log$/.exec(name);
    return match && { firstSequence: Number(match[1]), baseOffset: Number(match[2]) };
  }

  /**
   * Opens the segment for appending: reads it once, cuts a torn last group (which was never acknowledged).
   * Returns the number of bytes cut. Damage with more data behind it is an error, for that data was acknowledged.
   */
  openForAppend() {
    this.#descriptor = openSync(this.path, 'a+');
    const { intactBytes, reason } = this.#scan(this.#descriptor, true);
    if (reason === 'damaged') throw new Error(`${this.path}: the group at byte ${intactBytes} is damaged and more data follows it; move the log away to start afresh`);
    const cut = this.size - intactBytes;
    if (cut > 0) ftruncateSync(this.#descriptor, intactBytes);
    this.size = intactBytes;
    return cut;
  }

  /** Appends one encoded group with one write. When the write fails or falls short, the file is as before. */
  append(group, count, enqueuedMs) {
    let written = 0;
    try {
      written = writeSync(this.#descriptor, group);
      if (written !== group.length) throw new Error(`${this.path}: only ${written} of ${group.length} bytes could be written`);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.size);
      throw error;
    }
    this.#note(this.size, this.nextSequence);
    this.size += group.length;
    this.nextSequence += count;
    this.lastEnqueuedMs = enqueuedMs;
  }

  /** Ends appending; the segment stays readable. */
  seal() {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** Yields `{group, position, firstSequence}` from the group that holds `sequence` on; async, never past what was appended. */
  async *groupsFrom(sequence) {
    this.#ensureIndex();
    const start = this.#entryFor(sequence);
    const end = this.size;
    const file = await open(this.path, 'r');
    try {
      let { position, firstSequence } = start;
      while (position < end) {
        let window = Buffer.allocUnsafe(Math.min(windowBytes / 4, end - position));
        await readFully(file, window, position);
        const groupBytes = window.length < fixedBytes ? 0 : window.readUInt32LE(0) + prefixBytes;
        if (groupBytes < fixedBytes || groupBytes > maxGroupBytes || position + groupBytes > end)
          throw new Error(`${this.path}: the group at byte ${position} is damaged`);
        if (groupBytes > window.length) {
          window = Buffer.allocUnsafe(groupBytes);
          await readFully(file, window, position);
        }
        let at = 0;
        while (at + fixedBytes <= window.length) {
          const length = window.readUInt32LE(at) + prefixBytes;
          if (at + length > window.length) break;
          const group = window.subarray(at, at + length);
          const count = group.readUInt32LE(16);
          if (firstSequence + count > sequence) {
            if (!isIntact(group)) throw new Error(`${this.path}: the group at byte ${position + at} is damaged`);
            yield { group, position: position + at, firstSequence };
          }
          firstSequence += count;
          at += length;
        }
        position += at;
      }
    } finally {
      await file.close();
    }
  }

  #ensureIndex() {
    if (this.#index !== null) return;
    const descriptor = openSync(this.path, 'r');
    try {
      this.#scan(descriptor, false);
    } finally {
      closeSync(descriptor);
    }
  }

  // Walks the groups; builds the sparse index; stops at the end, at a torn group, or at a damaged one.
  #scan(descriptor, verify) {
    this.#index = [];
    this.nextSequence = this.firstSequence;
    const size = fstatSync(descriptor).size;
    let window = Buffer.alloc(0);
    let windowAt = 0;
    let position = 0;
    while (position < size) {
      if (size - position < fixedBytes) return { intactBytes: position, reason: 'torn' };
      if (position + fixedBytes > windowAt + window.length) [window, windowAt] = [readWindow(descriptor, position, windowBytes, size), position];
      const length = window.readUInt32LE(position - windowAt) + prefixBytes;
      if (position + length > size) return { intactBytes: position, reason: 'torn' };
      if (length < fixedBytes || length > maxGroupBytes) return { intactBytes: position, reason: 'damaged' };
      if (position + length > windowAt + window.length) [window, windowAt] = [readWindow(descriptor, position, Math.max(windowBytes, length), size), position];
      const group = window.subarray(position - windowAt, position - windowAt + length);
      if (verify && !isIntact(group)) return { intactBytes: position, reason: position + length === size ? 'torn' : 'damaged' };
      this.#note(position, this.nextSequence);
      this.lastEnqueuedMs = group.readDoubleLE(8);
      this.nextSequence += group.readUInt32LE(16);
      position += length;
    }
    return { intactBytes: position, reason: 'end' };
  }

  #note(position, firstSequence) {
    const last = this.#index.at(-1);
    if (last === undefined || position - last.position >= indexEveryBytes) this.#index.push({ position, firstSequence });
  }

  #entryFor(sequence) {
    let low = 0;
    let high = this.#index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#index[middle].firstSequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? { position: 0, firstSequence: this.firstSequence } : this.#index[low - 1];
  }
}

function readWindow(descriptor, position, wanted, size) {
  const window = Buffer.allocUnsafe(Math.min(wanted, size - position));
  let filled = 0;
  while (filled < window.length) {
    const read = readSync(descriptor, window, filled, window.length - filled, position + filled);
    if (read === 0) throw new Error(`the log ended at byte ${position + filled} while it was read`);
    filled += read;
  }
  return window;
}

async function readFully(file, buffer, position) {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) throw new Error(`the log ended at byte ${position + filled} while it was read`);
    filled += bytesRead;
  }
}
