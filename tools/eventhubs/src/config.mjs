import { readFileSync } from 'node:fs';

// The official emulator's Config.json:
//   {"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": "emulatorNs1", "Entities": [
//     {"Name": "eh1", "PartitionCount": 2, "ConsumerGroups": [{"Name": "cg1"}]}]}], "LoggingConfig": {"Type": "File"}}}

const hubName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$/;
const groupName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?$/;
/** The data folder holds files of these names. */
const reserved = ['lock', 'namespace'];

export const isHubName = (name) => typeof name === 'string' && hubName.test(name) && !reserved.includes(name.toLowerCase());
export const isGroupName = (name) => typeof name === 'string' && groupName.test(name);

/** Reads the hubs, `[{name, partitions, consumerGroups}]`. Throws an Error that names every fault with its path in the file. */
export function readConfig(path) {
  let config;
  try {
    config = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Error(`${path}: ${error.message}`);
  }
  const faults = [];
  const hubs = hubsOf(config, (where, what) => faults.push(`${where}: ${what}`));
  if (faults.length > 0) throw new Error(`${path} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n  ${faults.join('\n  ')}`);
  return hubs;
}

function hubsOf(config, fault) {
  const namespaces = config?.UserConfig?.NamespaceConfig;
  if (!Array.isArray(namespaces)) return fault('UserConfig.NamespaceConfig', 'an array is missing');
  if (namespaces.length !== 1) fault('UserConfig.NamespaceConfig', `exactly one namespace is allowed, not ${namespaces.length}`);
  return namespaces.flatMap((namespace, n) => {
    const where = `UserConfig.NamespaceConfig[${n}]`;
    if (namespace?.Type !== 'EventHub') fault(`${where}.Type`, "must be 'EventHub'");
    if (typeof namespace?.Name !== 'string' || namespace.Name === '') fault(`${where}.Name`, 'a name is missing');
    const entities = namespace?.Entities;
    if (!Array.isArray(entities) || entities.length < 1 || entities.length > 10) {
      fault(`${where}.Entities`, 'must be an array of 1 to 10 event hubs');
      return [];
    }
    repeated(entities).forEach((i) => fault(`${where}.Entities[${i}].Name`, `'${entities[i].Name}' is there twice`));
    return entities.map((entity, i) => hubOf(entity, `${where}.Entities[${i}]`, fault));
  });
}

function hubOf(entity, where, fault) {
  if (!isHubName(entity?.Name)) fault(`${where}.Name`, `${JSON.stringify(entity?.Name)} is not a name: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit`);
  // The emulator takes the number as text, too.
  const partitions = typeof entity?.PartitionCount === 'string' && /^\d{1,2}$/.test(entity.PartitionCount) ? Number(entity.PartitionCount) : entity?.PartitionCount;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 32) fault(`${where}.PartitionCount`, `must be 1 to 32, not ${JSON.stringify(entity?.PartitionCount)}`);
  const groups = entity?.ConsumerGroups ?? [];
  if (!Array.isArray(groups) || groups.length > 20) {
    fault(`${where}.ConsumerGroups`, 'must be an array of at most 20 consumer groups');
    return null;
  }
  groups.forEach((group, i) => {
    if (String(group?.Name).toLowerCase() === '$default') fault(`${where}.ConsumerGroups[${i}].Name`, "'$default' is always there and must not be listed");
    else if (!isGroupName(group?.Name)) fault(`${where}.ConsumerGroups[${i}].Name`, `${JSON.stringify(group?.Name)} is not a name`);
  });
  repeated(groups).forEach((i) => fault(`${where}.ConsumerGroups[${i}].Name`, `'${groups[i].Name}' is there twice`));
  return { name: entity?.Name, partitions, consumerGroups: groups.map((group) => group?.Name) };
}

// The places of names that came before, in any case.
function repeated(named) {
  const seen = new Set();
  return named.flatMap((item, i) => {
    const name = typeof item?.Name === 'string' ? item.Name.toLowerCase() : null;
    if (name === null || !seen.has(name)) return seen.add(name) && [];
    return [i];
  });
}
