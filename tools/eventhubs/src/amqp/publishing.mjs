import { badPartition, internal, notFound, tooLarge } from './fault.mjs';
import { batchFormat, eventsOf } from './sections.mjs';
import { Malformed } from './wire.mjs';

/** Largest message or batch, as Azure's. Clients take the size of their batches from it. */
export const maxMessageBytes = 1024 * 1024;
const credit = 300;

/** A client's sending link: what comes is written to the log, then accepted. */
export class Publishing {
  claim = 'Send';
  #toppingUp = false;

  /** Throws a Fault when the node is not there. `node` is a parsed address of kind send. */
  constructor(link, namespace, node) {
    this.link = link;
    this.path = node.path;
    this.hub = namespace.hub(node.hub);
    if (this.hub === null) throw notFound(node.path);
    if (node.partition !== null && (!/^\d{1,4}$/.test(node.partition) || Number(node.partition) >= this.hub.partitionCount)) throw badPartition(node.partition, this.hub.partitionCount);
    this.partition = node.partition === null ? null : Number(node.partition);
    this.publisher = node.publisher;
  }

  open() {
    this.link.local.attach.max_message_size = maxMessageBytes;
    this.link.add_credit(credit);
  }

  /** One whole delivery; `bytes` is its size, and `payload` is empty when that is beyond the limit. */
  message(delivery, payload, format, bytes) {
    this.#topUp();
    if (bytes > maxMessageBytes) return delivery.reject(tooLarge(bytes, maxMessageBytes).error);
    try {
      const { key, events } = eventsOf(payload, format === batchFormat ? batchFormat : 0);
      if (this.publisher !== null && key !== null && key !== this.publisher)
        return delivery.reject({ condition: 'amqp:not-allowed', description: `The partition key '${key}' differs from the publisher '${this.publisher}'.` });
      if (this.publisher !== null) for (const event of events) event.key ??= this.publisher;
      this.hub.append(events, { partition: this.partition, key: key ?? this.publisher });
      delivery.accept();
    } catch (error) {
      if (error instanceof Malformed) return delivery.reject({ condition: 'amqp:decode-error', description: `The message cannot be decoded: ${error.message}.` });
      process.stderr.write(`eventhubs: ${this.path}: ${error.stack}\n`);
      delivery.reject(internal(error.message).error);
    }
  }

  // Once per turn: what the client could not know of yet is not credit.
  #topUp() {
    if (this.#toppingUp || this.link.credit >= credit / 2) return;
    this.#toppingUp = true;
    setImmediate(() => {
      this.#toppingUp = false;
      if (this.link.is_open()) this.link.add_credit(credit - this.link.credit);
    });
  }

  flow() {}

  closed() {}
}
