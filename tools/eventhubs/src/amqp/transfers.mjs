import { Malformed } from './wire.mjs';
import { maxMessageBytes } from './publishing.mjs';

const nothing = Buffer.alloc(0);
const mostOf = (work) => work?.maxBytes ?? maxMessageBytes;

/**
 * Takes over the frames of sessions and links that rhea handles too trustingly: transfers (counted, bounded, dropped once their link is
 * refused), flows and detaches for what has ended, dispositions (everything here is sent settled, so they say nothing).
 */
export class Transfers {
  #rhea;
  #work;
  #claims;
  #shared;
  #limits;
  #partialBytes = 0;
  #channels = new Set();

  constructor(rhea, work, claims, shared, limits) {
    this.#rhea = rhea;
    this.#work = work;
    this.#claims = claims;
    this.#shared = shared;
    this.#limits = limits;
  }

  begun(channel) { this.#channels.add(channel); }

  take(original) {
    const rhea = this.#rhea;
    rhea.on_disposition = () => {};
    rhea.on_transfer = (frame) => this.#withSession(frame, (session) => this.#transfer(original, session, frame));
    rhea.on_flow = (frame) => this.#withSession(frame, (session) => this.#flow(session, frame));
    rhea.on_attach = (frame) => this.#withSession(frame, (session) => this.#attach(original, session, frame));
    rhea.on_detach = (frame) => this.#withSession(frame, (session) => this.#detach(original, session, frame));
    rhea.on_end = (frame) => this.#withSession(frame, () => original.on_end.call(rhea, frame));
    rhea.on('message', ({ receiver, delivery, message }) => {
      const bytes = receiver.partialBytes;
      this.#partial(receiver, 0);
      this.#work.get(receiver)?.message(delivery, bytes > mostOf(this.#work.get(receiver)) ? nothing : message ?? nothing, receiver.messageFormat, bytes);
    });
  }

  /** The link is gone: what had come of a message is let go. */
  forget(link) {
    this.#abandon(link);
    this.#partial(link, 0);
  }

  closed() {
    this.#shared.partialBytes -= this.#partialBytes;
    this.#partialBytes = 0;
  }

  // Some clients end a session and then detach its links: frames for what has been there and ended are ignored.
  #withSession(frame, action) {
    const session = this.#rhea.remote_channel_map[frame.channel];
    if (session !== undefined) return action(session);
    if (!this.#channels.has(frame.channel)) throw new Malformed(`channel ${frame.channel} was never begun`);
  }

  #attach(original, session, frame) {
    const { handle, name } = frame.performative;
    if (typeof handle !== 'number' || handle > 255 || session.remote.handles[handle] !== undefined) throw new Malformed(`handle ${handle} is in use or beyond 255`);
    if (typeof name !== 'string' || session.links[name] !== undefined) throw new Malformed(`the link name '${name}' is in use`);
    // Links that were refused count until the peer detaches them: rhea keeps them that long.
    const links = Object.values(this.#rhea.local_channel_map).reduce((sum, each) => sum + Object.keys(each.links).length, 0);
    if (links >= (this.#claims.none ? this.#limits.linksBeforeToken : 2 * this.#limits.linksPerConnection)) throw new Malformed(`there are ${links} links that were not detached`);
    original.on_attach.call(this.#rhea, frame);
    session.links[name].remote.handle = handle;
  }

  // rhea answers a detach some turns later; until then it would take the handle, which the peer may use again at once, for one in use.
  #detach(original, session, frame) {
    const link = session.remote.handles[frame.performative.handle];
    if (!link?.state.remote_open) return;
    original.on_detach.call(this.#rhea, frame);
    if (!link.answered) link.open();
    link.close();
    link._process();
    session.remove_link(link);
  }

  #flow(session, frame) {
    const flow = frame.performative;
    session.outgoing.on_flow(flow);
    session.incoming.on_flow(flow);
    const link = typeof flow.handle === 'number' ? session.remote.handles[flow.handle] : undefined;
    if (link?.is_sender()) {
      flow.delivery_count = flow.delivery_count ?? 0;
      flow.link_credit = flow.link_credit ?? 0;
      link.on_flow(frame);
      this.#work.get(link)?.flow(Boolean(flow.drain));
    }
    if (flow.echo) this.#echo(session, link);
    this.#rhea._register();
    this.#windowMoved(session);
  }

  // A wider window concerns every link of the session; of many flows in one turn the last says it all.
  #windowMoved(session) {
    if (session.windowMoved) return;
    session.windowMoved = true;
    setImmediate(() => {
      session.windowMoved = false;
      for (const link of Object.values(session.links)) if (link.is_sender()) this.#work.get(link)?.flow();
    });
  }

  // However often a peer asks in one turn, one answer tells how things stand.
  #echo(session, link) {
    if (session.echoes === undefined) {
      session.echoes = new Set();
      process.nextTick(() => {
        const { echoes } = session;
        session.echoes = undefined;
        // What has ended by now needs no answer.
        for (const each of echoes) if (session.is_open() && (each === undefined || each.is_open())) session._write_flow(each);
      });
    }
    session.echoes.add(link);
  }

  #transfer(original, session, frame) {
    const transfer = frame.performative;
    const link = session.remote.handles[transfer.handle];
    if (link === undefined) return this.#drop(session, null, transfer);
    if (link.is_sender()) throw new Malformed('a transfer on a link that receives');
    const begins = !link._incomplete;
    if (link.dropping || !this.#work.has(link) || !link.is_open() || transfer.aborted) {
      if (transfer.aborted) this.#aborted(link, begins);
      return this.#drop(session, link, transfer);
    }
    if (begins && link.credit <= 0) {
      link.close({ condition: 'amqp:link:transfer-limit-exceeded', description: 'A transfer came without credit for it.' });
      return this.#drop(session, link, transfer);
    }
    frame.payload ??= nothing;
    if (begins) {
      this.#partial(link, 0);
      link.messageFormat = transfer.message_format ?? 0;
      // rhea decodes messages of format 0 and throws their bytes away; of any other it hands them over.
      transfer.message_format = undefined;
    }
    this.#partial(link, (link.partialBytes ?? 0) + frame.payload.length);
    if (link.partialBytes > mostOf(this.#work.get(link))) {
      frame.payload = nothing;
      if (link._incomplete) link._incomplete.frames = [];
      this.#held(link, 0);
    }
    // Deliveries are settled as they come; without this one read of many small ones would overflow rhea's buffer of them.
    session.incoming.deliveries.pop_if((delivery) => delivery.settled);
    original.on_transfer.call(this.#rhea, frame);
  }

  #aborted(link, begins) {
    if (begins) return;
    this.#abandon(link);
    this.#partial(link, 0);
    link.credit--;
    link.delivery_count++;
  }

  // Nothing comes of this transfer, but rhea must go on counting from it.
  #drop(session, link, transfer) {
    const { incoming } = session;
    incoming.next_transfer_id++;
    const continues = link !== null && link.dropping;
    if (!continues && typeof transfer.delivery_id === 'number' && !(transfer.delivery_id < incoming.next_delivery_id)) incoming.next_delivery_id = transfer.delivery_id + 1;
    if (link !== null) link.dropping = Boolean(transfer.more) && !transfer.aborted;
  }

  #abandon(link) {
    if (!link._incomplete) return;
    link._incomplete.settled = true;
    link._incomplete = undefined;
    link.dropping = true;
  }

  // `bytes` counts all that came of the message; what is held of it counts against the limits.
  #partial(link, bytes) {
    link.partialBytes = bytes;
    this.#held(link, bytes > mostOf(this.#work.get(link)) ? 0 : bytes);
  }

  #held(link, bytes) {
    const more = bytes - (link.heldBytes ?? 0);
    link.heldBytes = bytes;
    this.#partialBytes += more;
    this.#shared.partialBytes += more;
    if (more <= 0) return;
    // When all together hold too much, those end that hold more than a client in its turn would.
    const crowded = this.#shared.partialBytes > this.#limits.partialBytes && this.#partialBytes > 2 * maxMessageBytes;
    if (crowded || this.#partialBytes > this.#limits.partialBytesPerConnection)
      throw new Malformed('too many bytes of messages that are not complete');
  }
}
