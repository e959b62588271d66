import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('bridge.mjs', import.meta.url));

export const connectionString = (amqpPort, { hub = 'audit-events', key = 'SAS_KEY_VALUE' } = {}) =>
  `Endpoint=sb://localhost:${amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=${key};UseDevelopmentEmulator=true;EntityPath=${hub}`;

/** Starts the bridge as a process: `{child, base, exited, errors}` once it is ready, or `{code, errors}` when it ended before. */
export async function startBridge(t, connection, { group = '$Default', options = [] } = {}) {
  const env = { ...process.env, EVENT_HUB_CONNECTION: connection, EVENT_HUB_CONSUMER_GROUP: group };
  const child = spawn(process.execPath, [program, ...options], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => { child.once('exit', (code) => resolve(code)); });
  t.after(() => { if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL'); return exited; });
  let errors = '';
  child.stderr.on('data', (text) => { errors += text; });
  const port = await new Promise((resolve) => {
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      const ready = /^ready (\d+)$/m.exec(output);
      if (ready) resolve(ready[1]);
    });
    exited.then(() => resolve(null));
  });
  return port === null ? { code: await exited, errors } : { child, port, base: `http://127.0.0.1:${port}`, exited, errors: () => errors };
}
