// Makes the operator key, the encryption key and the checkpoint key of an azd environment, once: later runs leave what is there.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const wanted = {
  ACTIONTRAIL_OPERATOR_KEY: () => randomBytes(24).toString('base64url'),
  ACTIONTRAIL_ENCRYPTION_KEY: () => randomBytes(32).toString('base64'),
  ACTIONTRAIL_CHECKPOINT_KEY: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
};

for (const [name, make] of Object.entries(wanted)) {
  // azd runs hooks with the values of its environment.
  if (process.env[name]) continue;
  execFileSync('azd', ['env', 'set', name, make()], { stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`${name} was made; azd keeps it in .azure/, the deployment puts it into the vault.`);
}
