import type { FileStage, FileState } from '../../../contracts/files.js';

/** The one way through the pipeline, and what is being done in each state. */
const steps: Readonly<Record<FileState, { readonly next: readonly FileState[]; readonly stage: FileStage }>> = {
  stored: { next: ['parsed', 'failed'], stage: 'parse' },
  parsed: { next: ['chunked', 'failed'], stage: 'chunk' },
  chunked: { next: ['embedded', 'failed'], stage: 'embed' },
  embedded: { next: ['ready', 'failed'], stage: 'store' },
  ready: { next: [], stage: 'done' },
  failed: { next: [], stage: 'done' },
};

/** Attempts after which a file fails: each was ended by a crash or by something that may pass. */
export const attemptLimit = 5;

/** What a file in this state has done to it. */
export function stageOf(state: FileState): FileStage {
  return steps[state].stage;
}

/** The states from which this one may be reached. */
export function statesBefore(to: FileState): FileState[] {
  return (Object.keys(steps) as FileState[]).filter((from) => steps[from].next.includes(to));
}

/** The claim on the file is lost: it was deleted, is to be processed again, or another run has it. Nothing was written. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';

  constructor() {
    super('Another attempt has taken over the file, or it was deleted.');
  }
}

/** Another run works on the file. The job is tried again later, should that run have died. */
export class FileBusyError extends Error {
  override readonly name = 'FileBusyError';

  constructor() {
    super('Another worker is processing the file.');
  }
}

/** A reason for which a file fails at once and for good: a code, and a sentence for the person who uploaded it. */
export class FileFailure extends Error {
  override readonly name = 'FileFailure';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
