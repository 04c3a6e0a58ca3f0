import { inTime } from '../../kernel/in-time.js';

/** How one part of a process stands. */
export interface Check {
  readonly ok: boolean;
  /** What is wrong, in a sentence for the operator; nothing of the inside. */
  readonly message?: string;
}

export const fine: Check = { ok: true };

const limitMs = 2_000;

/** The check's own answer; a check that throws, or takes longer than two seconds, has failed with this message. */
export async function judge(check: () => Promise<Check>, message: string): Promise<Check> {
  try {
    return await inTime(check(), limitMs, 'The check');
  } catch {
    return { ok: false, message };
  }
}
