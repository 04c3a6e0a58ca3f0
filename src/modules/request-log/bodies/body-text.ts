import type { SealContext } from '../../../platform/secrets/key-ring.js';

/** What is kept of a body. */
export interface BodyText {
  /** Its beginning, redacted; null where it is left out. */
  readonly text: string | null;
  /** How long the body was. */
  readonly bytes: number;
  /** The body was longer than what is kept. */
  readonly cut: boolean;
  /** Why there is no text: it is none, or masked values were put back in its events. */
  readonly left_out: 'no_text' | 'restored_values' | null;
}

/** Both bodies of a call, as they are sealed. */
export interface CallBodies {
  readonly request: BodyText;
  readonly answer: BodyText;
}

/** In which context the bodies of a call are sealed. */
export function bodiesSeal(tenantId: string, requestId: string): SealContext {
  return { tenantId, recordId: `request_bodies/${requestId}` };
}
