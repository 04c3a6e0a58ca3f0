import type { AdminHttp } from './admin-http.js';
import type { CliIo } from './cli-io.js';

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tenant?: string;
  readonly json?: true;
  readonly yes?: true;
}

/** What every command works with. */
export interface CliContext {
  readonly io: CliIo;
  readonly http: AdminHttp;
  readonly flags: () => GlobalFlags;
  /** Set to 1 by a command that ran well and found something wrong. */
  exitCode: 0 | 1;
}

/** Prints a result: with --json the object as one document, else the text for people. */
export function print({ io, flags }: CliContext, object: object, text: () => string): void {
  io.out(flags().json === true ? `${JSON.stringify(object, null, 2)}\n` : text());
}

/** A remark for people beside the result. */
export function remark({ io, flags }: CliContext, text: string): void {
  if (flags().json !== true) io.err(`${text}\n`);
}

/** Asks before something is lost; without a person at the terminal, or with --yes, the answer is yes. */
export async function confirmed({ io, flags }: CliContext, question: string): Promise<boolean> {
  if (!io.isInteractive || flags().json === true || flags().yes === true) return true;
  const { confirm } = await import('@clack/prompts');
  return (await confirm({ message: question, initialValue: false })) === true;
}
