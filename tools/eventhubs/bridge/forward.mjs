import { EventHubProducerClient } from '@azure/event-hubs';
import { Refused } from '../src/message.mjs';

const statusOf = new Map([['MessageTooLargeError', 413], ['MessagingEntityNotFoundError', 404], ['ArgumentOutOfRangeError', 400], ['UnauthorizedError', 401]]);

/** Sends the events of a request as one batch to the other hub. */
export class Forwarder {
  #client;

  constructor({ connectionString, hub }) {
    this.#client = new EventHubProducerClient(connectionString, hub, { retryOptions: { maxRetries: 2, timeoutInMs: 10_000, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 } });
  }

  /** Resolves once the service has acknowledged the batch; throws Refused. A partition wins over a key, which is then not sent along. */
  append = async (events, { partition = null, key = null } = {}) => {
    const target = partition !== null ? { partitionId: String(partition) } : key !== null ? { partitionKey: key } : {};
    try {
      const batch = await this.#client.createBatch(target);
      for (const { body, contentType, properties } of events)
        if (!batch.tryAdd({ body, contentType: contentType ?? undefined, properties: properties ?? undefined })) throw new Refused(413, `The batch exceeds the ${batch.maxSizeInBytes} bytes that the event hub takes.`);
      await this.#client.sendBatch(batch);
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Refused(statusOf.get(error.code) ?? 503, `The event hub did not take the events: ${error.code ?? error.name}.`);
    }
  };

  close() { return this.#client.close(); }
}
