import { ConfigError, loadConfig, type Config } from './config/load-config.js';

/** Reads the settings; on a fault prints one line for each and ends the process with code 2. */
export function configOrExit(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.lines) process.stderr.write(`gt: ${line}\n`);
    process.exit(2);
  }
}

/** Prints why a process cannot start and ends it with code 1. */
export function failStart(error: unknown): never {
  process.stderr.write(`gt: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
