import type { CliContext } from './cli-context.js';

/** Tells how far long work has come: one line that is written anew for a person at the terminal, else a line from time to time. */
export interface Progress {
  readonly show: (text: string) => void;
  readonly stop: (text: string) => void;
}

/** Where no line can be written anew, this long passes between two of them, and before the first. */
const lineEveryMs = 3_000;

/** Begins the line with what is being done. Whoever begins it stops it, also when the work fails. With --json nothing is told. */
export async function startProgress({ io, flags }: CliContext, text: string, everyMs = lineEveryMs): Promise<Progress> {
  if (flags().json === true) return { show: () => undefined, stop: () => undefined };
  if (!io.isInteractive) return lines(io.err, text, everyMs);
  const { spinner } = await import('@clack/prompts');
  const running = spinner({ output: process.stderr });
  running.start(text);
  return { show: (step) => running.message(`${text} ${step}`), stop: (end) => running.stop(`${text}: ${end}`) };
}

function lines(err: (text: string) => void, text: string, everyMs: number): Progress {
  let toldAt = performance.now();
  const show = (step: string): void => {
    if (performance.now() - toldAt < everyMs) return;
    toldAt = performance.now();
    err(`${text} ${step}\n`);
  };
  return { show, stop: () => undefined };
}
