import { createServer } from 'node:net';
import rhea from 'rhea';
import { AmqpConnection } from './connection.mjs';
import { defaultLimits } from './limits.mjs';
import { Producers } from './producers.mjs';
import { Readers } from './readers.mjs';

/** The AMQP face: makes servers, and keeps what their connections share. `opened.namespace` is null until the logs are open. */
export class AmqpListener {
  #connections = new Set();
  #reading = 0;
  #turns = [];
  #container;

  constructor(opened, { keyName, key, now = Date.now, limits = {} }) {
    this.opened = opened;
    this.limits = { ...defaultLimits, ...limits };
    this.#container = rhea.create_container({
      id: 'actiontrail-eventhubs',
      receiver_options: { autoaccept: false, autosettle: true, credit_window: 0 },
      sender_options: { autosettle: true },
    });
    Object.assign(this.#container.sasl_server_mechanisms, mechanisms(keyName, key));
    /** Bytes of messages that have begun and are not all there. */
    this.shared = { partialBytes: 0, credentials: { keyName, key, now }, readers: new Readers(), producers: new Producers(), reading: (read) => this.#turn(read), container: this.#container };
  }

  createServer() {
    const server = createServer({ noDelay: true }, (socket) => {
      const { namespace } = this.opened;
      if (namespace === null || !this.#hasRoom()) {
        socket.on('error', () => socket.destroy()).destroy();
        return;
      }
      const connection = new AmqpConnection(socket, namespace, this.shared, this.limits, () => this.#connections.delete(connection));
      this.#connections.add(connection);
    });
    return server;
  }

  // Peers that have shown no token must not keep out those that have one.
  #hasRoom() {
    if (this.#connections.size < this.limits.connections) return true;
    const stranger = [...this.#connections].find(({ claims }) => claims.none);
    if (stranger === undefined) return false;
    this.#connections.delete(stranger);
    stranger.giveUp();
    return true;
  }

  /** Says goodbye to all peers; resolves when their sockets are closed, after a second at most. */
  async close() {
    await Promise.all([...this.#connections].map((connection) => connection.shutDown()));
  }

  // A read of the log takes about a megabyte while it runs: only a few run at once, however many receivers there are.
  async #turn(read) {
    if (this.#reading >= 8) await new Promise((resolve) => { this.#turns.push(resolve); });
    else this.#reading++;
    try {
      return await read();
    } finally {
      const next = this.#turns.shift();
      if (next === undefined) this.#reading--;
      else next();
    }
  }
}

// ANONYMOUS, MSSBCBS and EXTERNAL say nothing about rights: a token follows on $cbs. PLAIN shows the key itself, and with it has them all.
function mechanisms(keyName, key) {
  const open = () => ({ outcome: undefined, start() { this.outcome = true; } });
  const plain = () => ({
    outcome: undefined,
    hasKey: false,
    start(response) {
      const [, user, password] = (response ?? Buffer.alloc(0)).toString('utf8').split('\0');
      this.hasKey = this.outcome = user === keyName && password === key;
    },
  });
  return { ANONYMOUS: open, MSSBCBS: open, EXTERNAL: open, PLAIN: plain };
}
