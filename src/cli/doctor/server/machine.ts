import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, loadConfig, type Config } from '../../../config/load-config.js';
import { dataFolder, readUpFile } from '../../up-file.js';
import { found, well, type Check } from '../check.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `npm run up` makes these two itself, so beside it their absence is no fault. */
const madeByUp = { DATABASE_URL: 'postgresql://embedded/gt', GT_SECRET_KEYS: `none:${'A'.repeat(43)}=` };

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > 20 || (major === 20 && minor >= 19);
  return isNewEnough ? well('node', `version ${version}.`) : found('node', 'node-too-old', `It is version ${version}.`);
}

/** The settings as a process of the platform would read them; undefined when none would start with them. */
export function settingsCheck(env: Environment): { readonly check: Check; readonly config?: Config } {
  const beside = readUpFile(env) === null ? {} : madeByUp;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  try {
    const config = loadConfig({ ...beside, ...given });
    return { check: well('settings', 'all are valid.'), config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { check: found('settings', 'settings-invalid', error.lines.join(' ')) };
  }
}

export function dataFolderCheck(env: Environment): Check {
  const folder = resolve(dataFolder(env));
  try {
    const place = nearestExisting(folder);
    if (!statSync(place).isDirectory()) return found('data folder', 'data-folder-read-only', `${place} is no folder.`);
    accessSync(place, constants.W_OK);
    return well('data folder', `${folder} can be written.`);
  } catch {
    return found('data folder', 'data-folder-read-only', `It is ${folder}.`);
  }
}

/** The folder itself, or the one in which it would be made. */
function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
