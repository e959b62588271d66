import { EventHubConsumerClient } from '@azure/event-hubs';
import './raw.mjs';

// The client reconnects by itself and goes on after the last sequence number, even when the hub behind the address is a new one meanwhile.
// So one session is one connection, without any retries: the hub is described on it, events count only while it lasts, and after it
// everything begins with a new description.

const openMs = 15_000;
const closeMs = 2_000;

/** One connection to the hub: what the hub is, and events from it. */
export class Session {
  #client;
  #context;
  #connectionId;
  #fail;
  #failed = false;

  /** Connects and describes the hub. Throws what the client library throws. */
  static async open(settings) {
    const session = new Session(settings);
    try {
      await session.#describe();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  constructor({ connectionString, hub, consumerGroup }) {
    this.#client = new EventHubConsumerClient(consumerGroup, connectionString, hub, { retryOptions: { maxRetries: 0, timeoutInMs: openMs } });
    // The library tells nobody that a connection broke until a wait is over; its inner connection does.
    this.#context = this.#client._context;
    this.#connectionId = this.#context.connectionId;
    /** Resolves to the error that ended the session. */
    this.ended = new Promise((resolve) => { this.#fail = resolve; });
    this.#context.connection.once('disconnected', () => this.fail(new Error('the connection broke')));
  }

  /** Whether everything that came so far came over the one connection. */
  get whole() { return !this.#failed && this.#context.connectionId === this.#connectionId; }

  /** Ends the session; the first error counts. */
  fail(error) {
    this.#failed = true;
    this.#fail(error);
  }

  async #describe() {
    const { createdOn, partitionIds } = await this.#client.getEventHubProperties();
    this.createdOn = createdOn;
    this.ranges = await Promise.all(partitionIds.map((id) => this.range(id)));
    if (!this.whole) throw new Error('the connection broke while the hub was described');
  }

  /** First kept and next sequence number of a partition, as the service has them now. */
  async range(id) {
    const { beginningSequenceNumber: begin, lastEnqueuedSequenceNumber: last, isEmpty } = await this.#client.getPartitionProperties(id);
    // Of a partition that never had an event some services call the last one 0 instead of -1.
    const next = isEmpty && last <= begin ? begin : last + 1;
    return { id, first: isEmpty ? next : begin, next };
  }

  /** Resolves when a receiver of the consumer group could be opened, and rejects with the reason when not. */
  async checkGroup() {
    let subscription;
    try {
      await new Promise((resolve, reject) => {
        const processError = async (error) => { this.fail(error); reject(error); };
        subscription = this.#client.subscribe(this.ranges[0].id, { processEvents: async () => resolve(), processError }, { startPosition: { offset: '@latest' }, maxBatchSize: 1, maxWaitTimeInSeconds: 0.1 });
        this.ended.then(reject);
      });
    } finally {
      await subscription.close();
    }
  }

  /**
   * Events of a partition from a sequence number on (null: the first kept), in order, a few hundred at a time; `deliver` is awaited before
   * more are taken. An empty call means that none came for `idleSeconds`. Returns the function that ends it.
   */
  subscribe(id, from, deliver, { maxBatchSize, idleSeconds }) {
    // Exclusive, so that the position one behind the last event is valid everywhere.
    const startPosition = from === null ? { offset: '-1' } : { sequenceNumber: from - 1, isInclusive: false };
    const subscription = this.#client.subscribe(id, {
      processEvents: async (events) => {
        if (this.whole) await deliver(events);
        else this.fail(new Error('the connection was replaced'));
      },
      processError: async (error) => this.fail(error),
    }, { startPosition, maxBatchSize, prefetchCount: 2 * maxBatchSize, maxWaitTimeInSeconds: idleSeconds, skipParsingBodyAsJson: true });
    return () => { subscription.close().catch((error) => this.fail(error)); };
  }

  /** Closes the connection, if it can be closed in time; one that broke has nothing left to close. */
  async close() {
    this.fail(new Error('the session was closed'));
    let patience;
    const late = new Promise((resolve) => { patience = setTimeout(resolve, closeMs); });
    const closed = this.#client.close().catch((error) => { process.stderr.write(`bridge: closing the connection: ${error.name}\n`); });
    await Promise.race([closed, late]);
    clearTimeout(patience);
  }
}
