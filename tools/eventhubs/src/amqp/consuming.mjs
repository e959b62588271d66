import { badFilter, badOffset, badPartition, badSequence, internal, notFound } from './fault.mjs';
import { deliveryOf, lastInfo } from './delivery.mjs';
import { maxMessageBytes } from './publishing.mjs';

const selector = /amqp\.annotation\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-time)\s*(>=|>)\s*'?([^'\s]*)'?/;
const runtimeMetric = 'com.microsoft:enable-receiver-runtime-metric';
const maxReadEvents = 500;
const maxReadBytes = 512 * 1024;

/**
 * A client's receiving link on one partition. Events are read from the log only as the link's credit, the session's window and the socket
 * take them; nothing is held back for a reader that is slow.
 */
export class Consuming {
  claim = 'Listen';
  #position = null;
  #handed = 0;
  #drained = 0;
  #draining = false;
  #pumping = false;
  #again = false;
  #ended = false;
  #stopWaiting = null;
  #drainAnswered = false;

  /** Throws a Fault when the node is not there. `context`: namespace, readers, reading (a turnstile), canWrite(). */
  constructor(link, node, context) {
    this.link = link;
    this.path = node.path;
    this.context = context;
    this.hub = context.namespace.hub(node.hub);
    if (this.hub === null || !this.hub.hasGroup(node.group)) throw notFound(node.path);
    if (!/^\d{1,4}$/.test(node.partition) || Number(node.partition) >= this.hub.partitionCount) throw badPartition(node.partition, this.hub.partitionCount);
    this.partition = Number(node.partition);
    this.place = `${this.hub.name}/${node.group}/${this.partition}`.toLowerCase();
    const properties = link.remote.attach.properties ?? {};
    const epoch = properties['com.microsoft:epoch'];
    this.epoch = typeof epoch === 'number' && epoch >= 0 ? epoch : null;
    this.name = typeof properties['com.microsoft:receiver-name'] === 'string' ? properties['com.microsoft:receiver-name'] : link.name;
    this.runtime = [link.remote.attach.desired_capabilities ?? []].flat().some((capability) => String(capability) === runtimeMetric);
  }

  /** Finds the position that the filter asks for. Throws a Fault when there is none such, or when another reader keeps this one out. */
  async prepare() {
    this.#position = await this.#start(filterText(this.link.remote.attach.source?.filter));
    if (this.#ended) return;
    this.context.readers.admit(this.place, this);
  }

  open() {
    const { attach } = this.link.local;
    attach.snd_settle_mode = 1;
    attach.max_message_size = maxMessageBytes;
    if (this.runtime) attach.offered_capabilities = [runtimeMetric];
    this.link._get_drain = () => this.#drainAnswered;
    // Not in the same breath as the attach: rhea would write the transfers before it.
    setImmediate(() => this.wake());
  }

  async #start(filter) {
    const { hub, partition } = this;
    if (filter === null) return hub.range(partition).first;
    const match = selector.exec(filter);
    if (match === null) throw badFilter(filter);
    const [, field, operator, value] = match;
    if (value === '@latest') return hub.range(partition).next;
    if (!/^-?\d{1,16}$/.test(value)) throw badFilter(filter);
    const number = Number(value);
    if (number < 0) return hub.range(partition).first;
    if (field === 'x-opt-enqueued-time') return this.#find(({ enqueuedMs }) => (operator === '>=' ? enqueuedMs >= number : enqueuedMs > number));
    if (field === 'x-opt-sequence-number') {
      const start = operator === '>=' ? number : number + 1;
      if (start > hub.range(partition).next) throw badSequence(value, hub.range(partition).next - 1);
      return start;
    }
    const last = await hub.last(partition);
    if (number > (last?.offset ?? -1)) throw badOffset(value, last?.offset ?? -1);
    return this.#find(({ offset }) => (operator === '>=' ? offset >= number : offset > number));
  }

  #find(isPast) { return this.context.reading(() => this.hub.find(this.partition, isPast)); }

  /** The client gave credit or asked to drain, the session's window opened, or the socket took what was in its way. */
  flow(draining) {
    if (draining !== undefined) this.#draining = draining;
    this.wake();
  }

  wake() {
    if (this.#ended || this.#position === null) return;
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    this.#pump().catch((error) => {
      process.stderr.write(`eventhubs: ${this.path}: ${error.stack}\n`);
      this.evict(internal(error.message));
    });
  }

  async #pump() {
    do {
      this.#again = false;
      await this.#sendWhatFits();
    } while (this.#again && !this.#ended);
    this.#pumping = false;
  }

  // What rhea was handed and has not written yet; it keeps such deliveries while the session's window is closed.
  get #unwritten() { return this.#handed - (this.link.delivery_count - this.#drained); }

  async #sendWhatFits() {
    const { link, hub, partition, context } = this;
    while (!this.#ended && link.is_open()) {
      const { outgoing } = link.session;
      const room = Math.min(link.credit - this.#unwritten, outgoing.available(), maxReadEvents);
      if (room <= 0 || outgoing.next_pending_delivery < outgoing.next_delivery_id || !context.canWrite()) return;
      if (this.#position >= hub.range(partition).next) {
        if (this.#draining) this.#answerDrain();
        else this.#waitForMore();
        return;
      }
      const events = await context.reading(() => hub.read(partition, this.#position, { max: room, maxBytes: maxReadBytes }));
      if (events.length === 0) return this.#waitForMore();
      const runtime = this.runtime ? lastInfo(await hub.last(partition), hub.now()) : null;
      const still = Math.min(link.credit - this.#unwritten, outgoing.available());
      for (const event of events.slice(0, Math.max(0, still))) {
        if (this.#ended || !link.is_open()) return;
        link.send(deliveryOf(event, runtime), undefined, 0);
        this.#handed++;
        this.#position = event.sequence + 1;
      }
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  }

  #waitForMore() {
    this.#stopWaiting ??= this.hub.onAppend(this.partition, () => {
      this.#stopWaiting?.();
      this.#stopWaiting = null;
      // Several appends of one tick are read together, and never inside the append itself.
      setImmediate(() => this.wake());
    });
  }

  // The credit that could not be used is given up: the delivery count moves on by it.
  #answerDrain() {
    const { link } = this;
    this.#draining = false;
    this.#drained += link.credit;
    link.delivery_count += link.credit;
    link.credit = 0;
    this.#drainAnswered = true;
    link.session._write_flow(link);
    this.#drainAnswered = false;
  }

  /** Ends the link with a fault. */
  evict(fault) {
    this.closed();
    this.link.close(fault.error);
  }

  closed() {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopWaiting?.();
    this.context.readers.leave(this.place, this);
  }
}

// The filter's value is a described string; which descriptor it has differs between clients.
function filterText(filter) {
  const value = filter?.['apache.org:selector-filter:string'];
  if (value === undefined || value === null) return null;
  return String(typeof value === 'object' && 'value' in value ? value.value : value);
}
