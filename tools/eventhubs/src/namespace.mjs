import { lock, namespaceOf } from './directory.mjs';
import { Hub } from './hub.mjs';

/** The event hubs of one data folder, which only this process writes to. */
export class Namespace {
  #hubs = new Map();
  #release;
  #retention;

  /** Opens or makes the logs under `directory`. Options: hubs (`[{name, partitions, consumerGroups}]`), retentionHours, segmentBytes, now. */
  static async open(directory, options) {
    const release = await lock(directory);
    try {
      return new Namespace(directory, options, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  constructor(directory, { hubs, retentionHours = 24, segmentBytes, now = Date.now }, release) {
    this.id = namespaceOf(directory);
    this.now = now;
    for (const hub of hubs) this.#hubs.set(hub.name.toLowerCase(), new Hub(directory, hub, { segmentBytes, now }));
    this.#release = release;

    const expire = () => { for (const hub of this.hubs) hub.dropOlderThan(now() - retentionHours * 3_600_000); };
    expire();
    this.#retention = setInterval(expire, 60_000).unref();
  }

  get hubs() { return [...this.#hubs.values()]; }

  /** Bytes of torn groups, never acknowledged, that were cut when the logs were opened. */
  get cutBytes() { return this.hubs.reduce((sum, hub) => sum + hub.cutBytes, 0); }

  /** The hub of that name, in any case, or null. */
  hub(name) { return this.#hubs.get(name.toLowerCase()) ?? null; }

  /** What the runner's feed calls the namespace of a hub: a new log has a new name. */
  hostOf() { return `${this.id}.localhost`; }

  close() {
    clearInterval(this.#retention);
    for (const hub of this.hubs) hub.close();
    this.#release();
  }
}
