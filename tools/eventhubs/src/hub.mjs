import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkPartitions } from './directory.mjs';
import { partitionOfKey } from './hash.mjs';
import { PartitionLog } from './log.mjs';

/** One event hub: partitions with their logs, the choice among them, and readers that wait for more. */
export class Hub {
  #logs = [];
  #groups;
  #waiting;
  #roundRobin = 0;

  constructor(directory, { name, partitions, consumerGroups = [] }, { segmentBytes, now = Date.now } = {}) {
    this.name = name;
    this.now = now;
    this.#groups = new Set(['$default', ...consumerGroups.map((group) => group.toLowerCase())]);
    const hubDirectory = join(directory, name.toLowerCase());
    mkdirSync(hubDirectory, { recursive: true });
    checkPartitions(hubDirectory, partitions);
    /** When the hub's folder was made, in milliseconds since 1970. */
    this.createdMs = Math.floor(statSync(hubDirectory).birthtimeMs);
    for (let p = 0; p < partitions; p++) this.#logs.push(new PartitionLog(join(hubDirectory, String(p)), { segmentBytes }));
    this.#waiting = this.#logs.map(() => new Set());
  }

  get partitionCount() { return this.#logs.length; }

  get cutBytes() { return this.#logs.reduce((sum, log) => sum + log.cutBytes, 0); }

  hasGroup(name) { return this.#groups.has(name.toLowerCase()); }

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

  last(partition) { return this.#logs[partition].last(); }

  find(partition, isPast) { return this.#logs[partition].find(isPast); }

  /** Calls `wake` after every append to the partition, until the function that is returned is called. */
  onAppend(partition, wake) {
    this.#waiting[partition].add(wake);
    return () => this.#waiting[partition].delete(wake);
  }

  /** Resolves once the partition's next sequence number is at least `next`, the time is over, or `signal` aborts. */
  async waitFor(partition, next, waitMs, signal) {
    const log = this.#logs[partition];
    if (log.next >= next || waitMs <= 0 || signal.aborted) return;
    await new Promise((resolve) => {
      const done = () => { clearTimeout(timer); stop(); signal.removeEventListener('abort', done); resolve(); };
      const timer = setTimeout(done, waitMs);
      const stop = this.onAppend(partition, () => { if (log.next >= next) done(); });
      signal.addEventListener('abort', done);
    });
  }

  /** Resolves to at most `max` events from `from` up to `to`, once `minCount` are there, or all up to `to`, or the time is over. */
  async receive(partition, { from, to, max, minCount, waitMs, signal }) {
    if (from <= to) await this.waitFor(partition, Math.min(from + minCount, to + 1), waitMs, signal);
    return this.read(partition, from, { max, to });
  }

  dropOlderThan(cutOffMs) { for (const log of this.#logs) log.dropOlderThan(cutOffMs); }

  close() { for (const log of this.#logs) log.close(); }
}
