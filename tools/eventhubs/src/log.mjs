import { mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { encodeGroup, eventsOf } from './group.mjs';
import { Segment } from './segment.mjs';

/**
 * The append-only log of one partition: a folder of segments, the newest of which is written to.
 * Sequence numbers start at 0 and have no gaps; an event's offset is the number of log bytes before it.
 * append() returns once the operating system has the bytes: they survive the death of this process, not a power cut.
 */
export class PartitionLog {
  #segments = [];
  #directory;
  #segmentBytes;
  #last = null;

  constructor(directory, { segmentBytes = 64 * 1024 * 1024 } = {}) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    mkdirSync(directory, { recursive: true });
    this.#load();
    /** Bytes of a torn last group that opening has removed. */
    this.cutBytes = this.#openLast();
  }

  get #active() { return this.#segments.at(-1); }

  /** Oldest sequence number still kept; equals `next` when the log is empty. */
  get first() { return this.#segments[0].firstSequence; }

  /** The sequence number the next event will get. */
  get next() { return this.#active.nextSequence; }

  /** Appends events as one group that is stored whole or not at all. Returns `{firstSequence, enqueuedMs}`. */
  append(events, nowMs) {
    // A clock that was set back must not make a later event look earlier.
    const enqueuedMs = Math.max(nowMs, this.#active.lastEnqueuedMs);
    const group = encodeGroup(events, enqueuedMs);
    if (this.#active.size > 0 && this.#active.size + group.length > this.#segmentBytes) this.#roll();
    const firstSequence = this.next;
    this.#active.append(group, events.length, enqueuedMs);
    return { firstSequence, enqueuedMs };
  }

  /**
   * Reads events from `from` on (from the oldest kept one when that is gone): at most `max`, at most `to` inclusive, and
   * about `maxBytes` of bodies and headers, but at least one event when there is one.
   */
  async read(from, { max = 1000, to = Number.MAX_SAFE_INTEGER, maxBytes = 11 * 1024 * 1024 } = {}) {
    const result = [];
    let bytes = 0;
    let sequence = Math.max(from, this.first);
    const end = Math.min(this.next, to + 1);
    while (sequence < end && result.length < max && bytes < maxBytes) {
      const segment = this.#segments.findLast((s) => s.firstSequence <= sequence);
      const before = sequence;
      reading: for await (const { group, position, firstSequence } of segment.groupsFrom(sequence)) {
        const enqueuedMs = group.readDoubleLE(8);
        for (const event of eventsOf(group)) {
          if (firstSequence + event.index < sequence) continue;
          const size = event.header.length + event.body.length;
          if (sequence >= end || result.length >= max || (result.length > 0 && bytes + size > maxBytes)) { bytes = Math.max(bytes, maxBytes); break reading; }
          result.push({ sequence, offset: segment.baseOffset + position + event.position, enqueuedMs, header: event.header, body: event.body });
          bytes += size;
          sequence++;
        }
      }
      if (sequence === before) break;
    }
    return result;
  }

  /** The newest event as read() gives it, or null when nothing is kept. */
  async last() {
    if (this.#last === null || this.#last.sequence !== this.next - 1) {
      const [event] = this.next > this.first ? await this.read(this.next - 1, { max: 1 }) : [];
      this.#last = event === undefined ? null : { sequence: event.sequence, offset: event.offset, enqueuedMs: event.enqueuedMs };
    }
    return this.#last;
  }

  /** The first sequence number whose event `{offset, enqueuedMs}` is one that `isPast` accepts; `next` when none is. Both only grow along the log. */
  async find(isPast) {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [event] = await this.read(middle, { max: 1 });
      if (event === undefined || event.sequence > middle) low = Math.max(middle + 1, this.first);
      else if (isPast(event)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Deletes whole segments whose newest event is older than `cutOffMs`; never the one being written. Returns how many. */
  dropOlderThan(cutOffMs) {
    let dropped = 0;
    while (this.#segments.length > 1 && newestMs(this.#segments[0]) < cutOffMs) {
      unlinkSync(this.#segments[0].path);
      this.#segments.shift();
      dropped++;
    }
    return dropped;
  }

  close() { this.#active.seal(); }

  #roll() {
    const full = this.#active;
    const next = this.#create(full.nextSequence, full.baseOffset + full.size);
    next.openForAppend();
    next.lastEnqueuedMs = full.lastEnqueuedMs;
    this.#segments.push(next);
    full.seal();
  }

  #create(firstSequence, baseOffset) {
    return new Segment(join(this.#directory, Segment.fileName(firstSequence, baseOffset)), firstSequence, baseOffset, 0);
  }

  // A last segment without an intact group was cut off while it was begun: the one before it goes on.
  #openLast() {
    let cut = this.#active.openForAppend();
    while (this.#active.size === 0 && this.#segments.length > 1) {
      const empty = this.#segments.pop();
      empty.seal();
      unlinkSync(empty.path);
      cut += this.#active.openForAppend();
    }
    return cut;
  }

  // Lists the segments and checks that they join without a gap.
  #load() {
    for (const name of readdirSync(this.#directory).sort()) {
      const parsed = Segment.parseName(name);
      if (!parsed) continue;
      const path = join(this.#directory, name);
      this.#segments.push(new Segment(path, parsed.firstSequence, parsed.baseOffset, statSync(path).size));
    }
    for (let i = 1; i < this.#segments.length; i++) {
      const [before, after] = [this.#segments[i - 1], this.#segments[i]];
      if (before.baseOffset + before.size !== after.baseOffset) throw new Error(`${before.path} does not end where ${after.path} begins; move the log away to start afresh`);
      before.nextSequence = after.firstSequence;
    }
    if (this.#segments.length === 0) this.#segments.push(this.#create(0, 0));
  }
}

// A sealed segment is not written any more, so its file time is that of its newest event.
function newestMs(segment) {
  return statSync(segment.path).mtimeMs;
}
