import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeToken, refusal } from '../src/sas.mjs';

const now = Date.UTC(2026, 0, 1);
const later = now / 1000 + 60;
const check = (token, path = 'audit-events') => refusal(token, path, 'send', 'secret', now);

test('a token for the hub, for what is above it, or with any host and port is accepted', () => {
  for (const resource of ['sb://localhost/audit-events', 'sb://localhost:5672/Audit-Events/', 'http://127.0.0.1:41234/audit-events', 'https://ns.example/', 'audit-events'])
    assert.equal(check(makeToken(resource, 'send', 'secret', later)), null, resource);
  assert.equal(check(makeToken('sb://localhost/audit-events', 'send', 'secret', later), 'audit-events/partitions/1'), null);
});

test('a token for another hub or for one partition only is refused elsewhere', () => {
  assert.match(check(makeToken('sb://localhost/other', 'send', 'secret', later)), /^InvalidAudience/);
  assert.match(check(makeToken('sb://localhost/audit', 'send', 'secret', later)), /^InvalidAudience/);
  assert.match(check(makeToken('sb://localhost/audit-events/partitions/1', 'send', 'secret', later)), /^InvalidAudience/);
});

test('a token is over at the second it names', () => {
  assert.match(check(makeToken('sb://localhost/audit-events', 'send', 'secret', now / 1000)), /^ExpiredToken/);
  assert.equal(check(makeToken('sb://localhost/audit-events', 'send', 'secret', now / 1000 + 1)), null);
});

test('a wrong key, a wrong key name, or a moved expiry is refused', () => {
  const good = makeToken('sb://localhost/audit-events', 'send', 'secret', later);
  assert.match(check(makeToken('sb://localhost/audit-events', 'send', 'other', later)), /^InvalidSignature/);
  assert.match(check(makeToken('sb://localhost/audit-events', 'who', 'secret', later)), /^InvalidSignature/);
  assert.match(check(good.replace(`se=${later}`, `se=${later + 1}`)), /^InvalidSignature/);
});

test('a missing or malformed token is refused with what is wrong', () => {
  assert.match(check(undefined), /^MissingToken/);
  assert.match(check('Basic dTpw'), /^MalformedToken/);
  assert.match(check('SharedAccessSignature sr=x&sig=y&se=1'), /'skn'/);
  assert.match(check('SharedAccessSignature sr=%zz&sig=y&se=1&skn=send'), /percent-encoded/);
  assert.match(check('SharedAccessSignature sr=x&sig=y&se=soon&skn=send'), /'se'/);
});
