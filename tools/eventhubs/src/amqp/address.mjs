// Addresses of nodes: `hub`, `/hub`, and whole URIs `sb://host[:port]/hub/...`, percent-encoded or not, in any case.

/**
 * What an address means: `{kind, path, hub, partition, group, publisher}` with `kind` one of cbs, management, send, receive; null when it
 * means nothing. `path` is the address without scheme and host, as claims are compared with it.
 */
export function parseAddress(address) {
  if (typeof address !== 'string' || address.length > 1024) return null;
  const path = pathOf(address);
  if (path === null) return null;
  const parts = path.split('/');
  const lower = parts.map((part) => part.toLowerCase());
  const node = { kind: 'send', path, hub: parts[0], partition: null, group: null, publisher: null };
  if (lower[0] === '$cbs' && parts.length === 1) return { ...node, kind: 'cbs' };
  if (lower.at(-1) === '$management' && parts.length <= 2) return { ...node, kind: 'management' };
  if (parts.length === 1 && parts[0] !== '') return node;
  if (parts.length === 3 && lower[1] === 'partitions') return { ...node, partition: parts[2] };
  if (parts.length === 3 && lower[1] === 'publishers') return { ...node, publisher: parts[2] };
  if (parts.length === 5 && lower[1] === 'consumergroups' && lower[3] === 'partitions') return { ...node, kind: 'receive', group: parts[2], partition: parts[4] };
  return null;
}

/** The path of an address or of a token's audience, without slashes around it; null when it is not percent-encoded correctly. */
export function pathOf(address) {
  try {
    return decodeURIComponent(address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')).replace(/^\/+|\/+$/g, '');
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
