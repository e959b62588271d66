import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from '../src/message.mjs';
import { RemotePartition } from './partition.mjs';
import { Session } from './session.mjs';

const leastPauseMs = 100;
const mostPauseMs = 2_000;
const steadyMs = 5_000;

/** What no waiting changes. */
const hopeless = new Set(['UnauthorizedError', 'MessagingEntityNotFoundError', 'ArgumentError', 'InvalidOperationError']);

/** The other hub, in the shape of the local one: what src/feed.mjs and src/http.mjs ask of a hub. It stands for one hub as it was made; one made anew is another object. */
class RemoteHub {
  #partitions;
  #send;
  #session = null;

  constructor(name, host, ids, send) {
    [this.name, this.host, this.#send] = [name, host, send];
    this.#partitions = ids.map((id) => new RemotePartition(id));
  }

  get partitionCount() { return this.#partitions.length; }

  now() { return Date.now(); }

  attach(session) {
    this.#session = session;
    this.#partitions.forEach((partition, i) => partition.attach(session, session.ranges[i]));
  }

  detach() {
    this.#session = null;
    for (const partition of this.#partitions) partition.detach();
  }

  retire() { for (const partition of this.#partitions) partition.retire(); }

  async ranges() {
    const session = this.#session;
    if (session === null) throw new Refused(503, 'The event hub is not connected.');
    try {
      const ranges = await Promise.all(this.#partitions.map(({ id }) => session.range(id)));
      this.#partitions.forEach((partition, i) => { partition.described = ranges[i]; });
      return ranges;
    } catch (error) {
      session.fail(error);
      throw new Refused(503, `The event hub does not answer: ${error.code ?? error.name}.`);
    }
  }

  range(partition) { return { first: this.#partitions[partition].described.first, next: this.#partitions[partition].next }; }

  receive(partition, options) { return this.#partitions[partition].receive(options); }

  append(events, target) { return this.#send(events, target); }
}

/** Keeps one connection to the other hub for as long as the process lives. `tell` gets one line per change. */
export class RemoteNamespace {
  #settings;
  #send;
  #tell;
  #hub = null;
  #session = null;
  #stopping = new AbortController();

  constructor(settings, send, tell) { [this.#settings, this.#send, this.#tell] = [settings, send, tell]; }

  hub(name) { return this.#hub !== null && name.toLowerCase() === this.#hub.name.toLowerCase() ? this.#hub : null; }

  hostOf(hub) { return hub.host; }

  /** Connects; gives up after `waitSeconds` (0: never) and at once on what waiting does not change. */
  async start(waitSeconds) {
    const giveUpAt = waitSeconds === 0 ? Infinity : Date.now() + waitSeconds * 1000;
    for (let told = false; ; told = true) {
      try {
        const session = await Session.open(this.#settings);
        await session.checkGroup().catch(async (error) => { await session.close(); throw error; });
        this.#adopt(session);
        return;
      } catch (error) {
        if ((waitSeconds > 0 && hopeless.has(error.code)) || Date.now() >= giveUpAt) throw error;
        if (!told) this.#tell(`waiting for the event hub: ${error.message}`);
        await delay(mostPauseMs / 2);
      }
    }
  }

  /** Connects again whenever the connection ends. */
  async keep() {
    let pauseMs = leastPauseMs;
    while (!this.#stopping.signal.aborted) {
      const began = Date.now();
      const reason = await this.#session.ended;
      if (this.#stopping.signal.aborted) return;
      this.#tell(`connecting again: ${reason.message}`);
      this.#hub.detach();
      await this.#session.close();
      pauseMs = Date.now() - began > steadyMs ? leastPauseMs : Math.min(2 * pauseMs, mostPauseMs);
      for (let session = null; session === null;) {
        await delay(pauseMs);
        if (this.#stopping.signal.aborted) return;
        session = await Session.open(this.#settings).catch((error) => {
          if (pauseMs < mostPauseMs) this.#tell(`not connected: ${error.message}`);
          pauseMs = Math.min(2 * pauseMs, mostPauseMs);
          return null;
        });
        if (session !== null) this.#adopt(session);
      }
      this.#tell('connected');
    }
  }

  async close() {
    this.#stopping.abort();
    await this.#session?.close();
  }

  #adopt(session) {
    const ids = session.ranges.map(({ id }) => id);
    const host = `made-${session.createdOn.toISOString().replace(/[-:.]/g, '').toLowerCase()}.${this.#settings.host}`;
    if (this.#hub === null || this.#hub.host !== host || this.#hub.partitionCount !== ids.length) {
      this.#hub?.retire();
      this.#hub = new RemoteHub(this.#settings.hub, host, ids, this.#send);
    }
    this.#session = session;
    this.#hub.attach(session);
  }
}
