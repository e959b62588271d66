// Publishes the app self-contained and packs it the way the Functions host wants it:
//   node tools/package/package.mjs [--rid linux-x64] [--out artifacts/package] [--from FOLDER]
// writes OUT/RID/ (the script root) and OUT/actiontrail-RID.zip. --from packs a folder that is published already.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createHash } from 'node:crypto';
import { zip } from './zip.mjs';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    rid: { type: 'string', default: 'linux-x64' },
    out: { type: 'string', default: join(repository, 'artifacts/package') },
    from: { type: 'string' },
  },
});

const root = values.from ? resolve(values.from) : join(resolve(values.out), values.rid);
if (!values.from) {
  rmSync(root, { recursive: true, force: true });
  // Builds in a place of its own: other builds of these sources find theirs as they left it. Those have analysed them, which takes longest.
  execFileSync('dotnet', ['publish', join(repository, 'src/ActionTrail.Functions'), '-c', 'Release', '-r', values.rid, '--self-contained', '-p:Packaging=true', '-p:RunAnalyzers=false', '-p:NuGetLockFilePath=obj/packaging.lock.json', '--artifacts-path', join(repository, 'artifacts/build'), '-o', root, '--nologo', '-v', 'q'], { stdio: 'inherit' });
}

const host = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
const windows = values.rid.startsWith('win');
const executable = host.customHandler.description.defaultExecutablePath + (windows ? '.exe' : '');
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .map(name => ({ name, data: readFileSync(join(root, name)), mode: name === executable || name === 'createdump' ? 0o755 : 0o644 }));

const names = new Set(files.map(file => file.name));
if (!names.has(executable)) throw new Error(`${root} has no ${executable}, which host.json names.`);
if (![...names].some(name => /^[A-Za-z]+\/function\.json$/.test(name))) throw new Error(`${root} has no functions.`);
const secret = [...names].find(name => /settings.*\.json$/i.test(name));
if (secret) throw new Error(`${secret} must not be packed.`);
if (!windows && process.platform !== 'win32') chmodSync(join(root, executable), 0o755);

mkdirSync(resolve(values.out), { recursive: true });
const archive = join(resolve(values.out), `actiontrail-${values.rid}.zip`);
const bytes = zip(files);
writeFileSync(archive, bytes);
const megabytes = count => (count / 1e6).toFixed(1);
console.log(`${archive}: ${megabytes(bytes.length)} MB of ${megabytes(files.reduce((sum, file) => sum + file.data.length, 0))} MB, ${files.length} files, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`);
