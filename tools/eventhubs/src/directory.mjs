import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';

// The data folder: `namespace` (the identity of this log), `lock`, and `<hub>/<partition>/<segment>.log`.

/** The identity of the log in `directory`, made with it: a new log gets a new one, so that old checkpoints do not fit it. */
export function namespaceOf(directory) {
  const path = join(directory, 'namespace');
  if (existsSync(path)) {
    const id = readFileSync(path, 'utf8').trim();
    if (!/^local-[0-9a-f]{16}$/.test(id)) throw new Error(`${path} does not hold a namespace id; move the folder away to start afresh`);
    return id;
  }
  const id = `local-${randomBytes(8).toString('hex')}`;
  writeFileSync(path, `${id}\n`, { flag: 'wx' });
  return id;
}

/** Refuses a folder that was made for more partitions: the events in them would vanish from view. */
export function checkPartitions(hubDirectory, count) {
  const excess = readdirSync(hubDirectory).filter((name) => /^\d+$/.test(name) && Number(name) >= count);
  if (excess.length > 0) throw new Error(`${hubDirectory} holds partition ${excess[0]}, but only ${count} partitions are asked for`);
}

/**
 * Makes this process the only writer of the folder. A lock whose process is gone is taken over; one whose process still
 * lives is waited for, up to `waitMs`, because a predecessor may be finishing. Returns the function that releases it.
 */
export async function lock(directory, waitMs = 5000) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'lock');
  for (let waited = 0; ; waited += 100) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => unlinkSync(path);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder === null || !isOurKind(holder)) removeIfThere(path);
    else if (waited >= waitMs) throw new Error(`process ${holder} already serves ${directory}`);
    else await delay(100);
  }
}

function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || null;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

// After a restart of the machine the number may belong to another program: where the system tells, look at what it is.
function isOurKind(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code !== 'ESRCH';
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('server.mjs');
}

function removeIfThere(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
