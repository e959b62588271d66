import { inspect } from '../sas.mjs';
import { pathOf } from './address.mjs';
import { expired, unauthorized } from './fault.mjs';

/** What one connection may do: the paths that tokens were put for, and until when. */
export class Claims {
  #paths = new Map();
  #everything = false;

  constructor({ keyName, key, now }) {
    this.keyName = keyName;
    this.key = key;
    this.now = now;
  }

  /** The peer has shown the key itself (SASL PLAIN). */
  grantEverything() { this.#everything = true; }

  /** Whether the peer has shown nothing yet. */
  get none() { return !this.#everything && this.#paths.size === 0; }

  /** Takes a token for an audience. Returns null, or why it is refused. */
  put(audience, type, token) {
    // Python's client calls every token a jwt, so that only the token itself tells what it is.
    if (type !== 'servicebus.windows.net:sastoken' && !token.startsWith('SharedAccessSignature ')) return `UnsupportedToken: The token type '${type}' is not supported here; only shared access signatures are.`;
    const path = pathOf(audience);
    if (path === null) return 'MalformedAudience: The audience is not percent-encoded correctly.';
    const entity = path.replace(/\/?\$management$/i, '');
    const { reason, claimed, expiresMs } = inspect(token, entity, this.keyName, this.key, this.now());
    if (reason !== null) return reason;
    if (this.#paths.size >= 1000) this.#forgetExpired();
    if (this.#paths.size >= 1000) return 'QuotaExceeded: A connection may hold at most 1000 tokens.';
    this.#paths.set(claimed, Math.max(expiresMs, this.#paths.get(claimed) ?? 0));
    return null;
  }

  /** Throws a Fault unless a token covers the path now. `claim` is what the fault calls the right: Send or Listen. */
  require(claim, path) {
    const until = this.until(path);
    if (until === null) throw unauthorized(claim, path);
    if (until <= this.now()) throw expired(path);
  }

  /** When the last claim on the path ends, in milliseconds; null when there never was one. */
  until(path) {
    if (this.#everything) return Infinity;
    const wanted = path.toLowerCase();
    let last = null;
    for (const [claimed, until] of this.#paths)
      if ((claimed === '' || wanted === claimed || wanted.startsWith(`${claimed}/`)) && until > (last ?? -Infinity)) last = until;
    return last;
  }

  #forgetExpired() {
    for (const [path, until] of this.#paths) if (until <= this.now()) this.#paths.delete(path);
  }
}
