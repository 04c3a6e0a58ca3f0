import type { TuningError } from './record/tuning-record.js';

/** The fields of a job that name its files. */
export type FileParam = 'training_file' | 'validation_file';

const codes = { training_file: 'invalid_training_file', validation_file: 'invalid_validation_file' } as const satisfies Record<
  FileParam,
  string
>;

/** Why a job fails that was made, and whose file is of no use. */
export function fileFault(param: FileParam, message: string): TuningError {
  return { code: codes[param], message, param };
}

/** What is wrong with a file that was judged, for who makes a job with it and for who has made one before. */
export function unusableFile({ errorMessage }: { readonly errorMessage: string | null }): string {
  return `The file cannot be used: ${errorMessage ?? 'it is no JSONL.'}`;
}
