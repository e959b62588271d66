import assert from 'node:assert/strict';
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import rhea from 'rhea';
import { deliveryOf, lastInfo } from '../src/amqp/delivery.mjs';
import { batchFormat, cut, eventsOf, feedView } from '../src/amqp/sections.mjs';
import { describe as section, Malformed, writeBinary, writeBoolean, writeList, writeLong, writeMap, writeNull, writeSymbol, writeText } from '../src/amqp/wire.mjs';
import { encodeGroup, eventsOf as recordsOf, parseHeader } from '../src/group.mjs';
import { PartitionLog } from '../src/log.mjs';
import { folder } from './start.mjs';

const { types } = rhea;
const annotations = (...pairs) => section(0x72, writeMap(pairs));
const data = (text) => section(0x75, writeBinary(Buffer.from(text)));
const stored = (message) => eventsOf(message, 0).events[0].sections;
const show = (message) => feedView(stored(message));

/** What the log gives back for an event, as read() does. */
function logged(event) {
  const [{ header, body }] = recordsOf(encodeGroup([event], 1_700_000_000_000));
  return { sequence: 41, offset: 1234, enqueuedMs: 1_700_000_000_000, header, body };
}

test('a message is delivered byte for byte, but for the annotations of the service', () => {
  const sections = [
    section(0x70, writeList([writeBoolean(true)])),
    annotations(writeSymbol('x-opt-mine'), writeLong(5), writeSymbol('x-opt-partition-key'), writeText('k'), writeSymbol('x-opt-offset'), writeText('999')),
    section(0x73, writeList([Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 9]), writeNull, writeText('to')])),
    section(0x74, writeMap([writeText('f'), Buffer.from([0x72, 0x3f, 0x80, 0, 0]), writeText('u'), Buffer.from([0x98, ...Buffer.from('0123456789abcdef')])])),
    section(0x77, writeMap([writeText('deep'), writeList([writeNull, writeSymbol('s')])])),
    section(0x78, writeMap([writeSymbol('hash'), writeBinary(Buffer.from([1]))])),
  ];
  const { key, events: [event] } = eventsOf(Buffer.concat(sections), 0);
  assert.deepEqual([key, event.key], ['k', 'k']);
  const out = deliveryOf(logged(event), null);
  const parts = cut(out);
  assert.deepEqual(parts.map((p) => p.code), [0x70, 0x72, 0x73, 0x74, 0x77, 0x78]);
  for (const [i, original] of sections.entries()) if (i !== 1) assert.deepEqual(out.subarray(parts[i].start, parts[i].end), original);
  assert.deepEqual(out.subarray(parts[1].start, parts[1].end), annotations(
    writeSymbol('x-opt-mine'), writeLong(5), writeSymbol('x-opt-partition-key'), writeText('k'), writeSymbol('x-opt-sequence-number'), writeLong(41),
    writeSymbol('x-opt-offset'), writeText('1234'), writeSymbol('x-opt-enqueued-time'), Buffer.from([0x83, 0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0])));
});

test('delivery annotations of the sender are not kept, and those of the service stand before the message annotations', () => {
  const message = Buffer.concat([section(0x71, writeMap([writeSymbol('hop'), writeLong(1)])), data('x')]);
  assert.deepEqual(stored(message), data('x'));
  const decoded = rhea.message.decode(deliveryOf(logged(eventsOf(message, 0).events[0]), lastInfo({ sequence: 9, offset: 77, enqueuedMs: 5 }, 6)));
  assert.equal(decoded.delivery_annotations.last_enqueued_sequence_number, 9);
  assert.equal(decoded.delivery_annotations.last_enqueued_offset, '77');
  assert.equal(decoded.delivery_annotations.last_enqueued_time_utc.getTime(), 5);
  assert.equal(decoded.message_annotations['x-opt-sequence-number'], 41);
});

test('a batch is cut into its events, which share its key unless they have their own', () => {
  const inner = (text, ...more) => Buffer.concat([...more, data(text)]);
  const batch = Buffer.concat([
    annotations(writeSymbol('x-opt-partition-key'), writeText('outer')),
    section(0x75, writeBinary(inner('one'))),
    section(0x75, writeBinary(inner('two', annotations(writeSymbol('x-opt-partition-key'), writeText('own'))))),
  ]);
  const { key, events } = eventsOf(batch, batchFormat);
  assert.equal(key, 'outer');
  assert.deepEqual(events.map((e) => [e.key, feedView(e.sections).body.toString()]), [['outer', 'one'], ['own', 'two']]);
  assert.throws(() => eventsOf(annotations(), batchFormat), Malformed);
  assert.throws(() => eventsOf(section(0x75, writeBinary(Buffer.from('no message'))), batchFormat), Malformed);
});

test('the feed shows data as bytes, text as UTF-8, and any other value as JSON', () => {
  const body = (...sections) => show(Buffer.concat(sections)).body.toString();
  assert.equal(body(data('a'), data('b')), 'ab');
  assert.equal(body(section(0x77, writeText('ü'))), 'ü');
  assert.equal(body(section(0x77, writeBinary(Buffer.from('raw')))), 'raw');
  assert.equal(body(section(0x77, writeNull)), '');
  assert.equal(body(section(0x77, writeMap([writeText('n'), writeLong(2n ** 62n), writeText('l'), writeList([writeBoolean(false)])]))), '{"n":4611686018427387904,"l":[false]}');
  assert.equal(body(section(0x76, writeList([writeLong(1)])), section(0x76, writeList([writeText('x')]))), '[1,"x"]');
  assert.equal(body(), '');
});

test('application properties of every type become JSON', () => {
  const values = {
    ubyte: types.wrap_ubyte(200), ushort: types.wrap_ushort(60_000), uint: types.wrap_uint(4_000_000_000), ulong: types.wrap_ulong(Buffer.alloc(8, 255)),
    byte: types.wrap_byte(-5), short: types.wrap_short(-500), int: types.wrap_int(-70_000), long: types.wrap_long(-5),
    float: types.wrap_float(0.5), double: types.wrap_double(NaN), char: types.wrap_char(0x1f600), timestamp: types.wrap_timestamp(1_700_000_000_123),
    uuid: types.wrap_uuid(Buffer.from('00112233445566778899aabbccddeeff', 'hex')), binary: types.wrap_binary(Buffer.from([1, 2])), symbol: types.wrap_symbol('s'),
    array: types.wrap_array([1, 2], 0x71), yes: types.True(), zero: types.wrap_uint(0), none: types.Null(),
  };
  const message = rhea.message.encode({ application_properties: values, body: rhea.message.data_section(Buffer.from('x')) });
  const json = show(message).properties;
  assert.match(json, /"ulong":18446744073709551615,/);
  assert.deepEqual(JSON.parse(json.replace('18446744073709551615', '0')), {
    ubyte: 200, ushort: 60_000, uint: 4_000_000_000, ulong: 0, byte: -5, short: -500, int: -70_000, long: -5, float: 0.5, double: 'NaN', char: '😀',
    timestamp: '2023-11-14T22:13:20.123Z', uuid: '00112233-4455-6677-8899-aabbccddeeff', binary: 'AQI=', symbol: 's', array: [1, 2], yes: true, zero: 0, none: null,
  });
});

test('a message cut off or changed anywhere is refused or read, but never breaks the reader', () => {
  const message = rhea.message.encode({
    message_annotations: { 'x-opt-partition-key': 'k', list: [1, 'two', { three: 3 }] }, message_id: 'm', content_type: 'application/json',
    application_properties: { a: types.wrap_array(['x', 'y'], 0xa1), when: new Date(5), uuid: types.wrap_uuid(Buffer.alloc(16)) }, body: { deep: [{ deeper: [Buffer.from('x')] }] },
  });
  let seed = 7;
  const random = (below) => { seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648; return seed % below; };
  const outcomes = { refused: 0, read: 0 };
  const attempt = (bytes) => {
    let parsed;
    try {
      parsed = eventsOf(bytes, random(2) === 0 ? 0 : batchFormat);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      outcomes.refused++;
      return;
    }
    outcomes.read++;
    for (const event of parsed.events) {
      const view = feedView(event.sections);
      JSON.parse(`[${view.properties},${view.systemProperties},${view.contentType}]`);
      cut(deliveryOf(logged(event), null));
    }
  };
  for (let end = 0; end < message.length; end++) attempt(message.subarray(0, end));
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(message);
    for (let changes = 1 + random(3); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
    attempt(bytes);
  }
  assert.ok(outcomes.read > 500 && outcomes.refused > 2000, JSON.stringify(outcomes));
});

test('nesting without end and arrays that claim billions are refused at once', () => {
  assert.throws(() => eventsOf(Buffer.concat([Buffer.from([0, 0x53, 0x77]), Buffer.alloc(100_000, 0)]), 0), Malformed);
  const nested = Array.from({ length: 40 }).reduce((inner) => writeList([inner]), writeNull);
  assert.throws(() => eventsOf(section(0x77, nested), 0), /nested too deeply/);
  const huge = Buffer.from([0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x41]);
  assert.throws(() => eventsOf(section(0x77, huge), 0), /claims too many/);
});

test('a log that was written before there was AMQP is read, delivered and continued', async (t) => {
  const directory = folder(t);
  const fixture = new URL('fixtures/before-amqp/', import.meta.url);
  for (const name of readdirSync(fixture)) copyFileSync(new URL(name, fixture), join(directory, name));
  const log = new PartitionLog(directory);
  log.append(eventsOf(Buffer.concat([section(0x74, writeMap([writeText('new'), writeLong(1)])), data('over AMQP')]), 0).events, 1_700_000_000_200);
  const events = await log.read(0);
  assert.deepEqual(events.map((e) => parseHeader(e.header)), [{}, { k: 'tenant-42', t: 'application/json', p: { text: 'ü', n: 3, yes: true, none: null, broken: 0.5 } }, {}, { m: 1 }]);
  const messages = events.map((e) => rhea.message.decode(deliveryOf(e, null)));
  assert.deepEqual(messages.map((m) => m.body.content.toString('hex')), [Buffer.from('bare'), Buffer.from('{"a":1}'), Buffer.from([0, 255, 31, 139]), Buffer.from('over AMQP')].map((b) => b.toString('hex')));
  assert.deepEqual(messages[1].application_properties, { text: 'ü', n: 3, yes: true, none: null, broken: 0.5 });
  assert.deepEqual([messages[1].content_type, messages[1].message_annotations['x-opt-partition-key'], messages[1].message_annotations['x-opt-sequence-number']], ['application/json', 'tenant-42', 1]);
  assert.equal(messages[2].message_annotations['x-opt-enqueued-time'].getTime(), 1_700_000_000_123);
  assert.deepEqual(messages[3].application_properties, { new: 1 });
  log.close();
});
