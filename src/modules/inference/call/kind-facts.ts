import type { RouteId } from '../../../catalog/routes.js';
import type { Modality } from '../../../contracts/scopes.js';

/** What the relay may know of a kind: facts that it hands on, and nothing to branch on. */
export interface KindFacts {
  /** The row of the route table that it serves. */
  readonly routeId: RouteId;
  /** Which of an endpoint's models it calls. */
  readonly modality: Modality;
  /** Its calls may be turns of conversations and are answered from documents: their drafts have a dialogue. */
  readonly isDialogue: boolean;
}
