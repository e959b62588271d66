import { Refused } from '../src/message.mjs';
import { rawBytes } from './raw.mjs';

// What the client library holds beside the buffer here: at most three prefetches of 1,000 events, for each empty wait of its receiver adds one.
const maxBytes = 8 * 1024 * 1024;
const maxEvents = 10_000;
const maxBatchSize = 500;
const idleSeconds = 60;
const idleWaits = 2;

/**
 * One partition of the other hub: a receiver that reads ahead into a bounded buffer from where the runner asks. The runner asks for the same
 * position again after a failure, or for one behind or ahead after a restart: what the buffer does not cover is read from the hub anew.
 */
export class RemotePartition {
  #events = [];
  #bytes = 0;
  #start = 0;
  #end = null;
  #session = null;
  #stop = null;
  #turn = 0;
  #roomy = null;
  #waiting = new Set();
  #gone = false;

  constructor(id) { this.id = id; }

  get next() { return Math.max(this.described.next, this.#end ?? 0); }

  /** Goes on over a new connection. */
  attach(session, range) {
    this.described = range;
    if (this.#end !== null && this.#end > range.next) this.#reset(null);
    this.#session = session;
    if (this.#end !== null) this.#subscribe();
  }

  detach() {
    this.#unsubscribe();
    this.#session = null;
  }

  /** The hub is another one now: whoever waits here is told so. */
  retire() {
    this.#gone = true;
    this.#reset(null);
    this.#wake();
  }

  /** As the local hub's: waits until `minCount` events from `from` on are there, or all up to `to`, or the buffer is full, or the time is over. */
  async receive({ from, to, max, minCount, waitMs, signal }) {
    this.#moveTo(Math.max(from, this.described.first));
    const enough = () => {
      const first = this.#indexOf(from);
      return this.#gone || this.#full || this.#events.length - first >= minCount || (this.#events.at(-1)?.sequence ?? -1) >= to;
    };
    if (from <= to && !enough() && waitMs > 0 && !signal.aborted) {
      await new Promise((resolve) => {
        const done = () => { clearTimeout(timer); this.#waiting.delete(look); signal.removeEventListener('abort', done); resolve(); };
        const look = () => { if (enough()) done(); };
        const timer = setTimeout(done, waitMs);
        this.#waiting.add(look);
        signal.addEventListener('abort', done);
      });
    }
    if (this.#gone) throw new Refused(503, 'The event hub was made anew.');
    // Another caller may have moved the buffer on meanwhile: then nothing is better than a gap.
    if (this.#end === null || Math.max(from, this.described.first) < this.#start) return [];
    const first = this.#indexOf(from);
    return this.#events.slice(first, first + max).filter(({ sequence }) => sequence <= to);
  }

  get #full() { return this.#bytes >= maxBytes || this.#events.length >= maxEvents; }

  #indexOf(from) {
    const index = this.#events.findIndex(({ sequence }) => sequence >= from);
    return index < 0 ? this.#events.length : index;
  }

  #moveTo(position) {
    if (this.#end === null || position < this.#start || position > this.#end) {
      this.#reset(position);
      if (this.#session !== null) this.#subscribe();
      return;
    }
    for (const { size } of this.#events.splice(0, this.#indexOf(position))) this.#bytes -= size;
    this.#start = position;
    if (!this.#full) this.#makeRoom();
  }

  #reset(position) {
    this.#unsubscribe();
    [this.#events, this.#bytes, this.#start, this.#end] = [[], 0, position ?? 0, position];
  }

  #unsubscribe() {
    this.#turn++;
    this.#stop?.();
    this.#stop = null;
    this.#makeRoom();
  }

  #subscribe() {
    this.#unsubscribe();
    const turn = this.#turn;
    let idle = 0;
    const deliver = async (events) => {
      if (turn !== this.#turn) return;
      if (events.length === 0) {
        if (++idle === idleWaits) this.#subscribe();
        return;
      }
      idle = 0;
      this.#add(events);
      if (this.#full) await new Promise((resolve) => { this.#roomy = resolve; });
    };
    this.#stop = this.#session.subscribe(this.id, this.#end <= this.described.first ? null : this.#end, deliver, { maxBatchSize, idleSeconds });
  }

  #add(events) {
    for (const event of events) {
      if (event.sequenceNumber < this.#end) continue;
      const body = rawBytes(event);
      const header = Buffer.from(JSON.stringify({ m: 1, k: event.partitionKey ?? undefined }));
      const size = body.length + header.length;
      this.#events.push({ sequence: event.sequenceNumber, offset: String(event.offset), enqueuedMs: event.enqueuedTimeUtc.getTime(), header, body, size });
      this.#bytes += size;
      this.#end = event.sequenceNumber + 1;
    }
    this.#wake();
  }

  #makeRoom() {
    this.#roomy?.();
    this.#roomy = null;
  }

  #wake() { for (const look of [...this.#waiting]) look(); }
}
