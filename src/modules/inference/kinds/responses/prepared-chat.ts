import { inSlices } from '../../../../kernel/steps.js';
import type { Additions } from '../../call/dialogue.js';
import type { ResponseSaid } from './response-said.js';
import { sentOverChat } from './sent-over-chat.js';
import type { AskedResponse, SentRequest } from './sent-request.js';

/** What goes to the provider, and what is said of its answer. */
export interface SentResponse {
  readonly said: ResponseSaid;
  readonly sent: SentRequest;
}

/** A long request that is said anew for a chat provider before its call is planned: in slices, between which others go first. */
export class PreparedChat {
  private ready: (SentResponse & { readonly with: Additions }) | undefined;

  constructor(private readonly response: AskedResponse) {}

  /** Rejects as `sentOverChat` throws. */
  async prepare(said: ResponseSaid, additions: Additions): Promise<void> {
    const sent = await inSlices(sentOverChat(this.response, said, additions));
    this.ready = { with: additions, said, sent };
  }

  /** What was prepared with just these additions; undefined where nothing was. */
  preparedWith(additions: Additions): SentResponse | undefined {
    return this.ready?.with === additions ? this.ready : undefined;
  }
}
