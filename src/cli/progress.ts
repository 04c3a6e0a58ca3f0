import type { CliContext } from './cli-context.js';

/** A line that tells a person at the terminal how far long work has come; of others nobody sees it. */
export interface Progress {
  readonly show: (text: string) => void;
  readonly stop: (text: string) => void;
}

/** Begins the line with what is being done. Whoever begins it stops it, also when the work fails. */
export async function startProgress({ io, flags }: CliContext, text: string): Promise<Progress> {
  if (!io.isInteractive || flags().json === true) return { show: () => undefined, stop: () => undefined };
  const { spinner } = await import('@clack/prompts');
  const running = spinner({ output: process.stderr });
  running.start(text);
  return { show: (step) => running.message(`${text} ${step}`), stop: (end) => running.stop(`${text}: ${end}`) };
}
