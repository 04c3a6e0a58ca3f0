import type { Config } from '../../../config/load-config.js';
import { readUpFile, secretKeys } from '../../up-file.js';
import type { Environment } from './machine.js';

/** Where the parts of the platform are, from the settings and from a running `npm run up`. */
export interface PlatformPlaces {
  readonly redisUrl: string | undefined;
  /** Without `/v1`; null where `npm run up` does not run. */
  readonly sandboxUrl: string | null;
  /** GT_SECRET_KEYS; null where they are not to be found. */
  readonly secretKeys: string | null;
  /** GT_ALLOW_PRIVATE_UPSTREAMS as the processes of `npm run up` have it, else as it is set here. */
  readonly privateUpstreams: string;
}

export function platformPlaces(env: Environment, config: Config): PlatformPlaces {
  const up = readUpFile(env);
  const sandboxUrl = up?.sandbox_url?.replace(/\/v1\/?$/, '') ?? null;
  return {
    redisUrl: config.REDIS_URL ?? up?.redis_url ?? undefined,
    sandboxUrl,
    secretKeys: secretKeys(env),
    privateUpstreams: up?.private_upstreams ?? withSandbox(config.GT_ALLOW_PRIVATE_UPSTREAMS, sandboxUrl),
  };
}

function withSandbox(setting: string, sandboxUrl: string | null): string {
  if (sandboxUrl === null || setting === 'true') return setting;
  const { host } = new URL(sandboxUrl);
  return setting === 'false' || setting === '' ? host : `${setting},${host}`;
}
