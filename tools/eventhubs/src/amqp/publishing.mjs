import rhea from 'rhea';
import { badPartition, Fault, internal, notFound, tooLarge } from './fault.mjs';
import { GroupTooLarge } from '../group.mjs';
import { follows } from './producers.mjs';
import { batchFormat, eventsOf } from './sections.mjs';
import { find, integer, Malformed } from './wire.mjs';

/** Largest message or batch, as Azure's. Clients take the size of their batches from it. */
export const maxMessageBytes = 1024 * 1024;
const credit = 300;
const idempotent = 'com.microsoft:idempotent-producer';
const [producerId, producerEpoch, producerSequence] = ['com.microsoft:producer-id', 'com.microsoft:producer-epoch', 'com.microsoft:producer-sequence-number'];

/** A client's sending link: what comes is written to the log, then accepted. */
export class Publishing {
  claim = 'Send';
  maxBytes = maxMessageBytes;
  #toppingUp = false;

  #producer = null;

  /** Throws a Fault when the node is not there. `node` is a parsed address of kind send; `context`: namespace, producers. */
  constructor(link, node, { namespace, producers }) {
    this.link = link;
    this.path = node.path;
    this.hub = namespace.hub(node.hub);
    if (this.hub === null) throw notFound(node.path);
    if (node.partition !== null && (!/^\d{1,4}$/.test(node.partition) || Number(node.partition) >= this.hub.partitionCount)) throw badPartition(node.partition, this.hub.partitionCount);
    this.partition = node.partition === null ? null : Number(node.partition);
    this.publisher = node.publisher;
    const wants = [link.remote.attach.desired_capabilities ?? []].flat().some((capability) => String(capability) === idempotent);
    this.producers = wants && this.partition !== null ? producers : null;
  }

  /** Lets an idempotent producer in. Throws a Fault when another has its place. */
  prepare() {
    if (this.producers === null) return;
    const { properties } = this.link.remote.attach;
    const whole = (name) => (typeof properties?.[name] === 'number' ? properties[name] : null);
    this.#producer = this.producers.join(`${this.hub.name}/${this.partition}`.toLowerCase(), { id: whole(producerId), epoch: whole(producerEpoch), sequence: whole(producerSequence) }, this);
  }

  open() {
    const { attach } = this.link.local;
    attach.max_message_size = maxMessageBytes;
    if (this.#producer !== null) {
      const { id, epoch, last } = this.#producer;
      attach.offered_capabilities = [idempotent];
      attach.properties = { [producerId]: rhea.types.wrap_long(id), [producerEpoch]: rhea.types.wrap_short(epoch), [producerSequence]: rhea.types.wrap_int(last) };
    }
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
      const first = this.#producer === null ? null : sequenceOf(events[0]);
      if (first === null || follows(this.#producer, first, events.length)) {
        this.hub.append(events, { partition: this.partition, key: key ?? this.publisher });
        if (first !== null) this.#producer.last = first + events.length - 1;
      }
      delivery.accept();
    } catch (error) {
      if (error instanceof Malformed) return delivery.reject({ condition: 'amqp:decode-error', description: `The message cannot be decoded: ${error.message}.` });
      if (error instanceof GroupTooLarge) return delivery.reject({ condition: 'amqp:link:message-size-exceeded', description: error.message });
      if (error instanceof Fault) return delivery.reject(error.error);
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

  /** Ends the link with a fault. */
  evict(fault) { this.link.close(fault.error); }

  closed() { if (this.#producer?.owner === this) this.#producer.owner = null; }
}

function sequenceOf({ message, annotations }) {
  const at = annotations === undefined ? -1 : find(message, annotations.valueAt, producerSequence);
  return at < 0 ? null : integer(message, at);
}
