/** All that the command line touches of its process, so that tests run it within theirs. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when a person sits at both ends: only then is anything asked or animated. */
  readonly isInteractive: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
