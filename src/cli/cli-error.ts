/** Nothing was asked of the platform, or it refused: exit code 1. The usage or a file is wrong and nothing changed: 2. */
export type FailureCode = 1 | 2;

/** Why a command failed, each line a sentence for the terminal: what happened, which setting, what to do. */
export class CliError extends Error {
  constructor(
    readonly exitCode: FailureCode,
    readonly lines: readonly [string, ...string[]],
    options?: ErrorOptions,
  ) {
    super(lines.join('\n'), options);
    this.name = 'CliError';
  }
}

/** What a command refuses before it asks the platform. */
export function usageError(...lines: [string, ...string[]]): CliError {
  return new CliError(2, lines);
}
