import type { FilePurpose } from '../../../contracts/files.js';

/** A file of the tenant of which nothing is to be made. Reading it belongs to what it is attached to. */
export const readyAtOnce = { state: 'ready', stage: 'done', percent: 100 } as const;

/** As OpenAI keeps files of this purpose that say nothing of it. */
const usuallyKept: Partial<Record<FilePurpose, number>> = { batch: 30 * 24 * 60 * 60 };

/** For how many seconds a file is kept; undefined: for good. @param asked what its uploader says. */
export function keptSecondsOf(purpose: FilePurpose, asked: number | undefined): number | undefined {
  return asked ?? usuallyKept[purpose];
}

/** When a file is made and when it is removed. @param seconds for which it is kept; undefined: for good. */
export function lastingFor(seconds: number | undefined): { readonly createdAt: Date; readonly expiresAt: Date | null } {
  const createdAt = new Date();
  return { createdAt, expiresAt: seconds === undefined ? null : new Date(createdAt.getTime() + seconds * 1000) };
}

/** Files of these purposes are ready when a worker has judged their lines. */
export const judgedPurposes = ['batch', 'fine-tune'] as const satisfies readonly FilePurpose[];

export type JudgedPurpose = (typeof judgedPurposes)[number];

/** Whether a worker judges files of the purpose; what others have nobody looks into. */
export function isJudged(purpose: string): purpose is JudgedPurpose {
  return (judgedPurposes as readonly string[]).includes(purpose);
}
