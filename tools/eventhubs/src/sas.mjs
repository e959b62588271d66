import { createHmac, timingSafeEqual } from 'node:crypto';

// Shared access signature: `SharedAccessSignature sr=<resource>&sig=<base64>&se=<unix seconds>&skn=<key name>`,
// sig = HMAC-SHA256(key as text, sr + "\n" + se) with sr exactly as it was sent, still percent-encoded.

/** Makes a token, for tests and tools. */
export function makeToken(resource, keyName, key, expiresUnixSeconds) {
  const sr = encodeURIComponent(resource);
  const sig = createHmac('sha256', key).update(`${sr}\n${expiresUnixSeconds}`).digest('base64');
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${expiresUnixSeconds}&skn=${encodeURIComponent(keyName)}`;
}

/**
 * Checks a token for an entity path such as `audit-events/partitions/0`.
 * Returns null when it grants access, else the reason in one sentence.
 */
export function refusal(token, entityPath, keyName, key, nowMs) {
  return inspect(token, entityPath, keyName, key, nowMs).reason;
}

/** As refusal(), and what the token is for: `{reason, claimed, expiresMs}`; with a reason the other two are missing. */
export function inspect(token, entityPath, keyName, key, nowMs) {
  if (!token) return { reason: 'MissingToken: The authorization header was not found.' };
  const prefix = 'SharedAccessSignature ';
  if (!token.startsWith(prefix)) return { reason: 'MalformedToken: The credentials contained in the authorization header are not in the SharedAccessSignature format.' };

  const fields = new Map();
  for (const part of token.slice(prefix.length).split('&')) {
    const equals = part.indexOf('=');
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1));
  }
  for (const name of ['sr', 'sig', 'se', 'skn'])
    if (!fields.get(name)) return { reason: `MalformedToken: The token lacks the field '${name}'.` };

  let claimed, signature, signer;
  try {
    claimed = claimedPath(decodeURIComponent(fields.get('sr')));
    signature = Buffer.from(decodeURIComponent(fields.get('sig')), 'base64');
    signer = decodeURIComponent(fields.get('skn'));
  } catch (error) {
    if (error instanceof URIError) return { reason: 'MalformedToken: A field of the token is not percent-encoded correctly.' };
    throw error;
  }
  if (!/^\d{1,15}$/.test(fields.get('se'))) return { reason: "MalformedToken: The field 'se' is not a time in seconds." };
  if (signer !== keyName) return { reason: `InvalidSignature: There is no key named '${signer}'.` };

  const expected = createHmac('sha256', key).update(`${fields.get('sr')}\n${fields.get('se')}`).digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return { reason: 'InvalidSignature: The token has an invalid signature.' };
  if (Number(fields.get('se')) * 1000 <= nowMs) return { reason: 'ExpiredToken: The token is expired.' };
  if (!covers(claimed, entityPath.toLowerCase())) return { reason: `InvalidAudience: The token is for '/${claimed}', not for '/${entityPath}'.` };
  return { reason: null, claimed, expiresMs: Number(fields.get('se')) * 1000 };
}

// Only the path of the resource counts: its scheme, host and port are whatever the client's connection string says.
function claimedPath(resource) {
  const afterScheme = resource.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  return afterScheme.replace(/^\/+|\/+$/g, '').replace(/\/\$management$/i, '').toLowerCase();
}

// A claim covers everything below it; the empty one is the whole namespace.
function covers(claimed, wanted) {
  return claimed === '' || wanted === claimed || wanted.startsWith(`${claimed}/`);
}
