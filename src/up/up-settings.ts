import { resolve } from 'node:path';
import { loadConfig, type Config } from '../config/load-config.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What `up` itself has to know; everything else goes to the processes as it came. */
export interface UpSettings {
  readonly environment: Environment;
  readonly config: Config;
  readonly dataDir: string;
  /** The database that was given; undefined: the embedded one. */
  readonly databaseUrl: string | undefined;
  /** A real provider to connect besides the sandbox. */
  readonly openai: OpenAiSettings | null;
}

export interface OpenAiSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** The model to publish; undefined: one that the provider lists. */
  readonly model: string | undefined;
}

/**
 * What `up` puts in where nothing is given: two that it makes, so that the check of all others must not fail for them, and no
 * waiting for load balancers.
 */
const placeholders = {
  DATABASE_URL: 'postgresql://embedded/gt',
  GT_SECRET_KEYS: `none:${'A'.repeat(43)}=`,
  GT_SHUTDOWN_DELAY_MS: '0',
};

/** GT_ALLOW_PRIVATE_UPSTREAMS as it was given, a list with the sandbox's port added; nothing else where it was not given. */
export function allowanceWith(given: string | undefined, sandboxPort: number): string {
  const sandbox = `127.0.0.1:${sandboxPort}`;
  const text = given?.trim() ?? '';
  if (text === '') return sandbox;
  return /^(?:true|false)$/i.test(text) ? text : `${sandbox},${text}`;
}

/**
 * Reads the settings before anything is created or started.
 * @throws ConfigError naming each setting that is wrong.
 */
export function readUpSettings(environment: Environment): UpSettings {
  const given = (name: string) => environment[name] || undefined;
  const config = loadConfig({
    ...environment,
    DATABASE_URL: given('DATABASE_URL') ?? placeholders.DATABASE_URL,
    GT_SECRET_KEYS: given('GT_SECRET_KEYS') ?? placeholders.GT_SECRET_KEYS,
    GT_SHUTDOWN_DELAY_MS: given('GT_SHUTDOWN_DELAY_MS') ?? placeholders.GT_SHUTDOWN_DELAY_MS,
  });
  const apiKey = given('OPENAI_API_KEY');
  const baseUrl = given('OPENAI_BASE_URL') ?? 'https://api.openai.com/v1';
  return {
    environment,
    config,
    dataDir: resolve(config.GT_DATA_DIR),
    databaseUrl: given('DATABASE_URL'),
    openai: apiKey === undefined ? null : { apiKey, baseUrl, model: given('OPENAI_MODEL') },
  };
}
