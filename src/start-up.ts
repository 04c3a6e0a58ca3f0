import { ConfigError, loadConfig, type Config } from './config/load-config.js';
import { PrivateAllowance } from './platform/upstream/private-allowance.js';

/** Reads the settings; on a fault prints one line for each and ends the process with code 2. */
export function configOrExit(): Config {
  try {
    return checked(loadConfig());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.lines) process.stderr.write(`gt: ${line}\n`);
    process.exit(2);
  }
}

/** Settings whose form only their reader knows; without this they would fail later, in the midst of the start. */
function checked(config: Config): Config {
  new PrivateAllowance(config.GT_ALLOW_PRIVATE_UPSTREAMS);
  return config;
}

/** Prints why a process cannot start and ends it with code 1. */
export function failStart(error: unknown): never {
  process.stderr.write(`gt: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
