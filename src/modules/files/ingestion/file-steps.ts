import type { FileStage, FileState } from '../../../contracts/files.js';

/** What is being done in each state, in the order in which a file goes through them. */
const stages: Readonly<Record<FileState, FileStage>> = {
  stored: 'parse',
  parsed: 'chunk',
  chunked: 'embed',
  embedded: 'store',
  ready: 'done',
  failed: 'done',
};

/** A state on the way to passages; any of them may end as `failed`. */
export type FileStep = Exclude<FileState, 'failed'>;

/** Attempts after which a file fails: each was ended by a crash or by something that may pass. */
export const attemptLimit = 5;

/** What a file in this state has done to it. */
export function stageOf(state: FileState): FileStage {
  return stages[state];
}

/** The states from which this one may be reached, by one step or over several. */
export function statesBefore(to: FileStep): FileState[] {
  const states = Object.keys(stages) as FileState[];
  return states.slice(0, states.indexOf(to));
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
