import { EventEmitter } from 'node:events';
import { parseAddress } from './address.mjs';
import { Claims } from './claims.mjs';
import { Consuming } from './consuming.mjs';
import { expired, Fault, internal, notFound, tooManyLinks } from './fault.mjs';
import { Gate } from './gate.mjs';
import { Publishing } from './publishing.mjs';
import { Answers, Requests } from './requests.mjs';
import { Transfers } from './transfers.mjs';
import { Malformed } from './wire.mjs';

/** Fields of open, begin, attach ...: some clients index them all, so that trailing nulls must be written. */
const fieldCounts = new Map([[0x10, 10], [0x11, 8], [0x12, 14], [0x13, 11], [0x14, 11], [0x15, 6], [0x16, 3], [0x17, 1], [0x18, 1]]);
/** Turns of the event loop in which an answer to SASL that was begun has long been made. */
const saslTurns = 20;
const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');

/**
 * One connection: the socket on one side, rhea's state machine on the other, and between them what rhea does not do: checked and bounded
 * input, back pressure, output once per turn, time-outs. Whatever goes wrong ends this connection and no other.
 */
export class AmqpConnection {
  #socket;
  #rhea;
  #gate;
  #units = [];
  #feeding = false;
  #saslTurns = 0;
  #corked = false;
  #outputDue = false;
  #ended = false;
  #work = new Map();
  #frameTimer = null;
  #timers = [];
  #transfers;
  #done;

  constructor(socket, namespace, shared, limits, done) {
    this.#socket = socket;
    this.limits = limits;
    this.namespace = namespace;
    this.readers = shared.readers;
    this.reading = shared.reading;
    this.producers = shared.producers;
    this.claims = new Claims(shared.credentials);
    this.now = shared.credentials.now;
    this.#done = done;
    this.#gate = new Gate(limits.frameBytes);
    this.#rhea = shared.container.create_connection({ max_frame_size: limits.frameBytes, channel_max: limits.sessionsPerConnection - 1, idle_time_out: limits.idleMs, reconnect: false });
    this.#transfers = new Transfers(this.#rhea, this.#work, this.claims, shared, limits);
    this.#wireRhea();

    socket.on('data', (chunk) => this.#guard(() => this.#input(chunk)));
    socket.on('drain', () => this.#guard(() => this.#drained()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    this.#timers.push(setTimeout(() => { if (!this.#rhea.is_open()) this.#fail('no open came in time'); }, limits.handshakeMs));
    this.#timers.push(setInterval(() => this.#guard(() => this.#checkTokens()), limits.tokenCheckMs));
    const face = Object.assign(new EventEmitter(), { write: (bytes) => this.#write(bytes), end: () => this.#end(), setNoDelay() {} });
    this.#rhea.accept(face);
  }

  /** Whether the socket takes more events now. */
  canWrite() { return this.#socket.writableLength < this.limits.unsentBytes; }

  /** The link on which to answer a request that came on `link`. */
  answersFor(link, node, replyTo) {
    const all = [...this.#work.values()].filter((work) => work instanceof Answers && work.node === node);
    return all.find((work) => replyTo !== null && (work.link.remote.attach?.target?.address === replyTo || work.link.name === replyTo))
      ?? all.find((work) => work.link.session === link.session);
  }

  /** Ends the connection at once, to make room for another. */
  giveUp() { this.#socket.destroy(); }

  async shutDown() {
    const closed = new Promise((resolve) => { this.#socket.once('close', resolve); });
    this.#guard(() => this.#rhea.close({ condition: 'amqp:connection:forced', description: 'The endpoint is stopping.' }));
    setTimeout(() => this.#socket.destroy(), 500);
    await closed;
  }

  // --- from the socket

  #input(chunk) {
    if (this.#ended) return;
    this.#units.push(...this.#gate.push(chunk));
    clearTimeout(this.#frameTimer);
    this.#frameTimer = this.#gate.partial ? setTimeout(() => this.#fail('the rest of a frame did not come in time'), this.limits.frameMs) : null;
    if (!this.#feeding) this.#feed();
    if (this.#socket.writableLength > this.limits.unsentBytesBeforePause) this.#socket.pause();
  }

  #feed() {
    this.#feeding = false;
    while (this.#units.length > 0 && !this.#ended) {
      // Clients send the AMQP header before SASL is over; rhea would take it for a frame.
      if (this.#units[0].header?.[4] === 0 && this.#saslUnderWay()) {
        if (++this.#saslTurns > saslTurns) throw new Malformed('the AMQP header came before SASL was over');
        this.#feeding = true;
        this.#socket.pause();
        setImmediate(() => this.#guard(() => this.#feed()));
        return;
      }
      const { header, frames } = this.#units.shift();
      this.#rhea.input(header ?? frames);
    }
    if (this.#socket.isPaused() && this.#socket.writableLength <= this.limits.unsentBytesBeforePause) this.#socket.resume();
  }

  #saslUnderWay() {
    const server = this.#rhea.sasl_transport?.selected?.transport;
    return server !== undefined && !server.read_complete;
  }

  #drained() {
    if (this.#socket.isPaused() && !this.#feeding) this.#socket.resume();
    for (const work of this.#work.values()) work.flow();
  }

  // --- to the socket

  #write(bytes) {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #end() {
    this.#ended = true;
    if (this.#socket.writable) this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #fail(detail) {
    if (this.#ended) return;
    // It may quote what the peer sent, at any length and with anything in it.
    const reason = detail.slice(0, 1000).replace(/[^\P{C}\n]/gu, '\ufffd');
    process.stderr.write(`eventhubs: a connection is closed: ${reason}\n`);
    if (this.#rhea.is_open()) {
      this.#rhea.local.close.error = { condition: 'amqp:connection:framing-error', description: reason };
      this.#rhea._write_frame(0, this.#rhea.local.close);
      this.#rhea.output();
    } else if (!this.#rhea.sasl_transport?.selected) {
      this.#write(saslHeader);
    }
    this.#end();
  }

  #guard(action) {
    try {
      action();
    } catch (error) {
      this.#fail(error instanceof Malformed ? error.message : error.stack);
    }
  }

  #closed() {
    this.#ended = true;
    for (const timer of [this.#frameTimer, ...this.#timers]) clearTimeout(timer);
    for (const work of this.#work.values()) work.closed();
    this.#work.clear();
    this.#transfers.closed();
    this.#rhea.eof();
    this.#done();
  }

  // --- rhea

  #wireRhea() {
    const rhea = this.#rhea;
    const original = Object.getPrototypeOf(rhea);

    rhea._process = () => this.#guard(() => original._process.call(rhea));
    rhea._write_frame = (channel, frame, payload) => {
      if (frame) frame.value.length = fieldCounts.get(frame.constructor.descriptor.numeric);
      rhea.amqp_transport.encode({ channel: channel ?? 0, type: 0, performative: frame, payload });
      if (this.#outputDue) return;
      this.#outputDue = true;
      process.nextTick(() => {
        this.#outputDue = false;
        rhea.output();
      });
    };
    rhea.on_open = (frame) => {
      const open = frame.performative;
      open.max_frame_size = Math.min(typeof open.max_frame_size === 'number' ? open.max_frame_size : this.limits.frameBytes, this.limits.frameBytes);
      if (open.max_frame_size < 512) throw new Malformed('max-frame-size is below 512');
      if (typeof open.idle_time_out === 'number' && open.idle_time_out > 0) open.idle_time_out = Math.max(open.idle_time_out, 1000);
      original.on_open.call(rhea, frame);
    };
    rhea.on_begin = (frame) => {
      if (rhea.remote_channel_map[frame.channel] !== undefined) throw new Malformed(`channel ${frame.channel} is in use`);
      const most = this.claims.none ? Math.min(this.limits.sessionsBeforeToken, this.limits.sessionsPerConnection) : this.limits.sessionsPerConnection;
      if (Object.keys(rhea.local_channel_map).length >= most) throw new Malformed(`more than ${most} sessions`);
      this.#transfers.begun(frame.channel);
      original.on_begin.call(rhea, frame);
    };
    this.#transfers.take(original);

    rhea.on('connection_open', () => { if (rhea.sasl_transport?.selected?.mechanism?.hasKey) this.claims.grantEverything(); });
    rhea.on('session_open', ({ session }) => { session.local.begin.handle_max = 255; });
    rhea.on('receiver_open', ({ receiver }) => this.#attached(receiver, receiver.target?.address));
    rhea.on('sender_open', ({ sender }) => this.#attached(sender, sender.source?.address));
    rhea.on('receiver_close', ({ receiver }) => this.#detached(receiver));
    rhea.on('sender_close', ({ sender }) => this.#detached(sender));
    rhea.on('session_close', ({ session }) => { for (const link of Object.values(session.links)) this.#detached(link); });
    for (const name of ['protocol_error', 'error']) rhea.on(name, (error) => this.#fail(error.message));
    // What a peer says when it ends something with an error concerns only itself.
    for (const name of ['connection_error', 'connection_close', 'session_error', 'receiver_error', 'sender_error', 'disconnected']) rhea.on(name, () => {});
  }

  #attached(link, address) {
    // rhea answers an attach at once; here the answer may have to wait for a look into the log.
    link.state.local_open = false;
    link.state.open_requests = 0;
    const { source, target } = link.remote.attach;
    const termini = {
      source: { address: source?.address, filter: source?.filter ?? undefined },
      target: { address: target?.address },
    };
    link.local.attach.properties = {};
    this.#answerAttach(link, address, termini).catch((error) => {
      const fault = error instanceof Fault ? error : internal(error.message);
      if (fault !== error) process.stderr.write(`eventhubs: ${address}: ${error.stack}\n`);
      this.#detached(link);
      // The terminus that is not there stays out of the answer; that is how a client knows that an error follows.
      if (link.is_receiver()) link.set_source(termini.source);
      else link.set_target(termini.target);
      link.answered = true;
      link.open();
      link.close(fault.error);
    });
  }

  async #answerAttach(link, address, { source, target }) {
    if (this.#work.size >= this.limits.linksPerConnection) throw tooManyLinks(this.limits.linksPerConnection);
    const node = parseAddress(address);
    if (node === null) throw notFound(address ?? '');
    const work = this.#workFor(link, node);
    this.#work.set(link, work);
    if (work.claim !== null) this.claims.require(work.claim, work.path);
    if (work.prepare) await work.prepare();
    if (this.#work.get(link) !== work) return;
    link.set_source(source);
    link.set_target(target);
    link.answered = true;
    link.open();
    work.open();
  }

  #workFor(link, node) {
    if (node.kind === 'cbs' || node.kind === 'management') return link.is_receiver() ? new Requests(link, node, this) : new Answers(link, node);
    if (node.kind === 'send' && link.is_receiver()) return new Publishing(link, node, this);
    if (node.kind === 'receive' && link.is_sender()) return new Consuming(link, node, this);
    throw notFound(node.path);
  }

  #detached(link) {
    this.#transfers.forget(link);
    this.#work.get(link)?.closed();
    this.#work.delete(link);
  }

  #checkTokens() {
    for (const [link, work] of this.#work) {
      if (work.claim === null || this.claims.until(work.path) + this.limits.tokenGraceMs > this.now()) continue;
      this.#detached(link);
      link.close(expired(work.path).error);
    }
  }
}
