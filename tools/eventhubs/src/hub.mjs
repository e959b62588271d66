import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkPartitions, lock, namespaceOf } from './directory.mjs';
import { partitionOfKey } from './hash.mjs';
import { PartitionLog } from './log.mjs';

/** One event hub: partitions with their logs, the choice among them, and readers that wait for more. */
export class Hub {
  #logs = [];
  #waiting;
  #roundRobin = 0;
  #release;
  #retention;

  /** Opens or makes the hub's logs under `directory`. Options: name, partitions, retentionHours, segmentBytes, now. */
  static async open(directory, options) {
    const release = await lock(directory);
    try {
      return new Hub(directory, options, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  constructor(directory, { name, partitions, retentionHours = 24, segmentBytes, now = Date.now }, release) {
    this.name = name;
    this.now = now;
    this.namespace = namespaceOf(directory);
    const hubDirectory = join(directory, name.toLowerCase());
    mkdirSync(hubDirectory, { recursive: true });
    checkPartitions(hubDirectory, partitions);
    for (let p = 0; p < partitions; p++) this.#logs.push(new PartitionLog(join(hubDirectory, String(p)), { segmentBytes }));
    this.#waiting = this.#logs.map(() => new Set());
    this.#release = release;

    const expire = () => { for (const log of this.#logs) log.dropOlderThan(now() - retentionHours * 3_600_000); };
    expire();
    this.#retention = setInterval(expire, 60_000).unref();
  }

  get partitionCount() { return this.#logs.length; }

  /** Bytes of torn groups, never acknowledged, that were cut when the logs were opened. */
  get cutBytes() { return this.#logs.reduce((sum, log) => sum + log.cutBytes, 0); }

  /** First kept and next sequence number of each partition. */
  ranges() { return this.#logs.map((log, p) => ({ id: String(p), first: log.first, next: log.next })); }

  range(partition) { return { first: this.#logs[partition].first, next: this.#logs[partition].next }; }

  /** Stores the events of one request, all or none, in one partition: the given one, else the key's, else the next in turn. */
  append(events, { partition = null, key = null } = {}) {
    const p = partition ?? (key !== null ? partitionOfKey(key, this.#logs.length) : this.#roundRobin++ % this.#logs.length);
    const result = this.#logs[p].append(events, this.now());
    for (const wake of [...this.#waiting[p]]) wake();
    return { partition: p, ...result };
  }

  read(partition, from, options) { return this.#logs[partition].read(from, options); }

  /** Resolves once the partition's next sequence number is at least `next`, the time is over, or `signal` aborts. */
  async waitFor(partition, next, waitMs, signal) {
    const log = this.#logs[partition];
    if (log.next >= next || waitMs <= 0 || signal.aborted) return;
    await new Promise((resolve) => {
      const set = this.#waiting[partition];
      const done = () => { clearTimeout(timer); set.delete(wake); signal.removeEventListener('abort', done); resolve(); };
      const wake = () => { if (log.next >= next) done(); };
      const timer = setTimeout(done, waitMs);
      set.add(wake);
      signal.addEventListener('abort', done);
    });
  }

  close() {
    clearInterval(this.#retention);
    for (const log of this.#logs) log.close();
    this.#release();
  }
}
