import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, loadConfig } from '../config/load-config.js';
import { dataFolder, readUpFile } from './up-file.js';

/** One thing that was looked at. */
export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; null when it is well. */
  readonly advice: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `npm run up` makes these two itself, so beside it their absence is no fault. */
const madeByUp = { DATABASE_URL: 'postgresql://embedded/gt', GT_SECRET_KEYS: `none:${'A'.repeat(43)}=` };

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { check: 'node', ok, detail: `version ${version}.`, advice: ok ? null : 'Install Node 20.19 or newer.' };
}

/** The settings as a process of the platform would read them. */
export function settingsCheck(env: Environment): Check {
  const beside = readUpFile(env) === null ? {} : madeByUp;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  try {
    loadConfig({ ...beside, ...given });
    return { check: 'settings', ok: true, detail: 'all are valid.', advice: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { check: 'settings', ok: false, detail: error.lines.join(' '), advice: 'See docs/settings.md.' };
  }
}

export function dataFolderCheck(env: Environment): Check {
  const folder = resolve(dataFolder(env));
  try {
    accessSync(nearestExisting(folder), constants.W_OK);
    return { check: 'data folder', ok: true, detail: `${folder} can be written.`, advice: null };
  } catch {
    return {
      check: 'data folder',
      ok: false,
      detail: `${folder} cannot be written.`,
      advice: 'Change its owner, or set GT_DATA_DIR to another folder.',
    };
  }
}

/** The folder itself, or the one in which it would be made. */
function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
