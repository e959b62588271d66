import { earliestEventPosition, EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';

export const connectionString = (port, { key = 'SAS_KEY_VALUE', keyName = 'RootManageSharedAccessKey' } = {}) =>
  `Endpoint=sb://localhost:${port};SharedAccessKeyName=${keyName};SharedAccessKey=${key};UseDevelopmentEmulator=true`;

// One try and short waits: a test wants the first answer, not the patience of a service.
const impatient = { retryOptions: { maxRetries: 0, timeoutInMs: 5_000, retryDelayInMs: 50 } };

export function producer(t, port, { hub = 'audit-events', options = impatient, ...key } = {}) {
  const client = new EventHubProducerClient(connectionString(port, key), hub, options);
  t.after(() => client.close());
  return client;
}

export function consumer(t, port, { group = '$Default', hub = 'audit-events', options = impatient, store, ...key } = {}) {
  const client = store
    ? new EventHubConsumerClient(group, connectionString(port, key), hub, store, options)
    : new EventHubConsumerClient(group, connectionString(port, key), hub, options);
  t.after(() => client.close());
  return client;
}

/** Receives `count` events of one partition from a position on, or the error that comes instead. */
export async function receive(client, partition, count, startPosition = earliestEventPosition, options = {}) {
  const events = [];
  let subscription;
  let patience;
  try {
    await new Promise((resolve, reject) => {
      patience = setTimeout(() => reject(new Error(`only ${events.length} of ${count} events came`)), 15_000);
      subscription = client.subscribe(partition, {
        processEvents: async (batch) => {
          events.push(...batch);
          if (events.length >= count) resolve();
        },
        processError: async (error) => reject(error),
      }, { startPosition, maxBatchSize: 100, maxWaitTimeInSeconds: 1, ...options });
    });
  } finally {
    clearTimeout(patience);
    await subscription.close();
  }
  return events;
}
