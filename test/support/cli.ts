import { main } from '../../src/cli/main.js';

/** What a run of the command line gave. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `gt` within this process, without a terminal; its environment holds only what is given. */
export async function runCli(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<CliRun> {
  let out = '';
  let err = '';
  const code = await main(args, {
    env,
    isInteractive: false,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
