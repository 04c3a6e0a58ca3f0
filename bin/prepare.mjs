import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runStep } from './run-step.mjs';

/** Written by the build itself, so no source of it. */
const generated = join('src', 'platform', 'database', 'generated');
const sources = ['src', 'prisma', 'console', 'package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json', '.swcrc'];

/** Installs the dependencies when the lock file differs from what is installed. */
export async function installWhenNeeded(root, logFile) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const marker = join(root, 'node_modules', '.gt-install');
  const wanted = createHash('sha256').update(`${process.platform}-${process.arch}\n`).update(lock).digest('hex');
  if (readText(marker) === wanted) return;
  if (!isInstalled(root, lock)) {
    refuseLink(join(root, 'node_modules'));
    const npm = npmCommand();
    await runStep(
      'installing dependencies',
      npm.command,
      [...npm.args, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'],
      {
        cwd: root,
        logFile,
        env: process.env,
      },
    );
  }
  writeFileSync(marker, wanted);
}

/** Installing empties the folder first, and behind a link that is somebody else's. Ends this process. */
function refuseLink(folder) {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  console.error(
    `The packages in ${folder} are not those of package-lock.json, and the folder is a link: installing would empty what it leads to. ` +
      'Run "npm ci" where it leads to, or remove the link.',
  );
  process.exit(1);
}

/** Builds when a source differs from what was built last. */
export async function buildWhenNeeded(root, logFile) {
  const marker = join(root, 'dist', '.gt-build');
  const wanted = hashSources(root);
  if (readText(marker) === wanted && existsSync(join(root, 'dist', 'up.js'))) return;
  const npm = npmCommand();
  await runStep('building', npm.command, [...npm.args, 'run', 'build'], { cwd: root, logFile, env: process.env });
  writeFileSync(marker, wanted);
}

/**
 * True when npm itself noted an installation of exactly these packages, e.g. by an `npm ci` by hand. Optional packages
 * may be missing: most are for other systems.
 */
function isInstalled(root, lock) {
  const noted = readText(join(root, 'node_modules', '.package-lock.json'));
  if (noted === null) return false;
  const installed = JSON.parse(noted).packages;
  return Object.entries(JSON.parse(lock.toString()).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function hashSources(root) {
  const hash = createHash('sha256');
  for (const name of sources) {
    for (const file of filesBelow(root, join(root, name))) {
      hash.update(`${relative(root, file)}\n`).update(createHash('sha256').update(readFileSync(file)).digest());
    }
  }
  return hash.digest('hex');
}

function filesBelow(root, path) {
  if (!existsSync(path) || relative(root, path) === generated) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
  return entries
    .filter((entry) => entry.name !== 'node_modules' && !entry.name.endsWith('.spec.ts'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, join(path, entry.name)) : [join(path, entry.name)]));
}

/** The npm that runs us, when one does; else the one on the path. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.c?js$/.test(running) && existsSync(running))
    return { command: process.execPath, args: [running] };
  return { command: 'npm', args: [] };
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
