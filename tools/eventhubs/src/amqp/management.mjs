import { badPartition, notFound } from './fault.mjs';
import { writeBoolean, writeInt, writeLong, writeMap, writeText, writeTextArray, writeTimestamp } from './wire.mjs';
import { pathOf } from './address.mjs';

const beginningOfTimeMs = -62_135_596_800_000;

/**
 * The `$management` node: READ of a hub or of a partition. Resolves to `{status, description, body}`. The types of the values are exact,
 * for some clients cast them without converting.
 */
export async function answerManagement(namespace, claims, request) {
  const operation = request.application('operation');
  const type = request.application('type');
  if (operation !== 'READ') return { status: 400, description: `The operation '${operation}' is not supported.` };
  if (type !== 'com.microsoft:eventhub' && type !== 'com.microsoft:partition') return { status: 400, description: `The type '${type}' is not supported.` };
  const name = request.application('name') ?? '';
  const path = pathOf(name) ?? name;
  const token = request.application('security_token');
  if (token !== null && token !== '') {
    const reason = claims.put(path, 'servicebus.windows.net:sastoken', token);
    if (reason !== null) return { status: 401, description: reason };
  }
  try {
    claims.require('Listen', path);
  } catch (fault) {
    return { status: 401, description: fault.message };
  }
  const hub = namespace.hub(path);
  if (hub === null) return { status: 404, description: notFound(path).message };
  return type === 'com.microsoft:eventhub' ? { status: 200, description: 'OK', body: hubBody(hub) } : partitionAnswer(hub, request.application('partition') ?? '');
}

function hubBody(hub) {
  return writeMap([
    writeText('name'), writeText(hub.name),
    writeText('type'), writeText('com.microsoft:eventhub'),
    writeText('created_at'), writeTimestamp(hub.createdMs),
    writeText('partition_count'), writeInt(hub.partitionCount),
    writeText('partition_ids'), writeTextArray(Array.from({ length: hub.partitionCount }, (_, p) => String(p))),
    writeText('georeplication_factor'), writeInt(1),
  ]);
}

async function partitionAnswer(hub, id) {
  if (!/^\d{1,4}$/.test(id) || Number(id) >= hub.partitionCount) return { status: 400, description: badPartition(id, hub.partitionCount).message };
  const partition = Number(id);
  const { first } = hub.range(partition);
  const last = await hub.last(partition);
  return {
    status: 200,
    description: 'OK',
    body: writeMap([
      writeText('name'), writeText(hub.name),
      writeText('type'), writeText('com.microsoft:partition'),
      writeText('partition'), writeText(id),
      writeText('begin_sequence_number'), writeLong(last === null ? 0 : first),
      writeText('last_enqueued_sequence_number'), writeLong(last?.sequence ?? -1),
      writeText('last_enqueued_offset'), writeText(String(last?.offset ?? -1)),
      writeText('last_enqueued_time_utc'), writeTimestamp(last?.enqueuedMs ?? beginningOfTimeMs),
      writeText('is_partition_empty'), writeBoolean(last === null),
    ]),
  };
}
