/** What one peer may ask of the endpoint; beyond it the link, the connection or the message is refused, and nobody else is touched. */
export const defaultLimits = {
  /** Beyond it the oldest one without a token makes room. */
  connections: 500,
  sessionsPerConnection: 1024,
  linksPerConnection: 1024,
  /** Sessions and links, of each, of a peer that has not shown a token yet: enough for `$cbs`. */
  sessionsBeforeToken: 16,
  linksBeforeToken: 16,
  frameBytes: 65_536,
  /** Bytes of messages that have begun and are not all there, per connection and together. */
  partialBytesPerConnection: 32 * 1024 * 1024,
  partialBytes: 256 * 1024 * 1024,
  /** From the first byte to the open of the connection. */
  handshakeMs: 20_000,
  /** How long the rest of a frame may take. */
  frameMs: 30_000,
  /** Silence after which a connection is given up; peers send empty frames when they have nothing to say. */
  idleMs: 120_000,
  /** Unsent bytes of a connection from which on no more events are read for it, and from which on nothing more is read from it. */
  unsentBytes: 1024 * 1024,
  unsentBytesBeforePause: 4 * 1024 * 1024,
  /** How long after its token's end a link stays. */
  tokenGraceMs: 30_000,
  tokenCheckMs: 5_000,
};
