import { notFound, tooLarge } from './fault.mjs';
import { answerManagement } from './management.mjs';
import { readRequest, writeAnswer } from './request.mjs';
import { Malformed } from './wire.mjs';

const credit = 100;
const maxQueuedBytes = 256 * 1024;
const maxRequestBytes = 65_536;

/** A client's receiving link on `$cbs` or `$management`, on which answers go out. */
export class Answers {
  claim = null;
  #queue = [];
  #queuedBytes = 0;
  #handed = 0;

  constructor(link, node) {
    this.link = link;
    this.path = node.path;
    this.node = node.kind;
  }

  open() {
    this.link.local.attach.snd_settle_mode = 1;
    setImmediate(() => this.flow());
  }

  /** Queues an answer until the client gives credit for it; of too many the oldest are dropped. */
  answer(bytes) {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    while (this.#queuedBytes > maxQueuedBytes) this.#next();
    this.flow();
  }

  #next() {
    const bytes = this.#queue.shift();
    this.#queuedBytes -= bytes.length;
    return bytes;
  }

  flow() {
    while (this.#queue.length > 0 && this.link.is_open() && this.link.credit > this.#handed - this.link.delivery_count && this.link.session.outgoing.available() > 0) {
      this.link.send(this.#next(), undefined, 0);
      this.#handed++;
    }
  }

  closed() { this.#queue = []; }
}

/** A client's sending link on `$cbs` or `$management`. */
export class Requests {
  claim = null;
  maxBytes = maxRequestBytes;

  /** `context`: namespace, claims, answersFor(link, node kind, reply-to). */
  constructor(link, node, context) {
    this.link = link;
    this.path = node.path;
    this.node = node.kind;
    this.context = context;
    const hub = node.path.split('/');
    if (hub.length === 2 && context.namespace.hub(hub[0]) === null) throw notFound(node.path);
  }

  open() {
    this.link.local.attach.max_message_size = maxRequestBytes;
    this.link.add_credit(credit);
  }

  message(delivery, payload, format, bytes) {
    if (this.link.credit < credit / 2) this.link.add_credit(credit - this.link.credit);
    if (bytes > maxRequestBytes) return delivery.reject(tooLarge(bytes, maxRequestBytes).error);
    let request;
    try {
      request = readRequest(payload);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return delivery.reject({ condition: 'amqp:decode-error', description: `The request cannot be decoded: ${error.message}.` });
    }
    delivery.accept();
    const { claims, namespace } = this.context;
    if (this.node === 'cbs') return this.#answer(request, answerCbs(claims, request));
    answerManagement(namespace, claims, request).then(
      (answer) => this.#answer(request, answer),
      (error) => {
        process.stderr.write(`eventhubs: $management: ${error.stack}\n`);
        this.#answer(request, { status: 500, description: error.message });
      });
  }

  #answer(request, { status, description, body }) {
    this.context.answersFor(this.link, this.node, request.replyTo)?.answer(writeAnswer(request.messageId, status, description, body));
  }

  flow() {}

  closed() {}
}

function answerCbs(claims, request) {
  const operation = request.application('operation');
  const audience = request.application('name');
  if (operation !== 'put-token') return { status: 400, description: `The operation '${operation}' is not supported.` };
  if (audience === null || request.body === null) return { status: 400, description: 'A token request needs a name and a token.' };
  const reason = claims.put(audience, request.application('type'), request.body);
  return reason === null ? { status: 202, description: 'Accepted' } : { status: 401, description: reason };
}
