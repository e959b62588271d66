// Makes the operator key and the encryption key of an azd environment, once: later runs leave what is there.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

const wanted = {
  ACTIONTRAIL_OPERATOR_KEY: () => randomBytes(24).toString('base64url'),
  ACTIONTRAIL_ENCRYPTION_KEY: () => randomBytes(32).toString('base64'),
};

for (const [name, make] of Object.entries(wanted)) {
  // azd runs hooks with the values of its environment.
  if (process.env[name]) continue;
  execFileSync('azd', ['env', 'set', name, make()], { stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`${name} was made; azd keeps it in .azure/, the deployment puts it into the vault.`);
}
