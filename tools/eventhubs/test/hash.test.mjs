import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionKeyHash, partitionOfKey } from '../src/hash.mjs';

// key: hash, partition of 2, 4, 8, 32
const vectors = [
  ['', 0, 0, 0, 0, 0],
  ['a', -16220, 0, 0, 4, 28],
  ['tenant-42', -27718, 0, 2, 6, 6],
  ['tenant-7', 27320, 0, 0, 0, 24],
  ['0123456789ab', -17054, 0, 2, 6, 30],
  ['0123456789abc', -4167, 1, 3, 7, 7],
  ['é', -24812, 0, 0, 4, 12],
  ['日本語のキー', 18957, 1, 1, 5, 13],
  ['the quick brown fox jumps over the lazy dog', -925, 1, 1, 5, 29],
];

for (const [key, hash, ...partitions] of vectors) {
  test(`the key '${key}' hashes to ${hash}`, () => {
    assert.equal(partitionKeyHash(key), hash);
    assert.deepEqual([2, 4, 8, 32].map((count) => partitionOfKey(key, count)), partitions);
  });
}
