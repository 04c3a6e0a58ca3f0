/** One thing that can be wrong, as docs/diagnoses.md lists it. */
export interface Diagnosis {
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What to do about it, in one sentence or a few. */
  readonly cure: string;
  /** A fault ends the command with exit code 1; with a warning alone it is 0: things work, and not as they should. */
  readonly severity: 'fault' | 'warning';
}

/** The exit code of a command that found this and nothing worse. */
export function exitCodeOf({ severity }: Diagnosis): 0 | 1 {
  return severity === 'fault' ? 1 : 0;
}
