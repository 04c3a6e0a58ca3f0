import { Injectable } from '@nestjs/common';
import { AppError, asAppError } from '../../../kernel/app-error.js';
import type { ShareBudget } from '../../../kernel/share-budget.js';
import { OpenStreams } from '../../open-streams/open-streams.js';
import { CallAddresses, type FetchRoom } from '../attachments/call-addresses.js';
import { allowedCall } from '../call/allowed-call.js';
import type { ContentElsewhere } from '../call/content-elsewhere.js';
import type { AdmittedCall } from '../exchange/exchange.js';
import { ExchangeStarter } from '../exchange/exchange-starter.js';
import { ExchangeTools } from '../exchange/exchange-tools.js';

/** Starts the exchange of a call that has to be given something from elsewhere, once it is there. */
@Injectable()
export class FetchedFirst {
  constructor(
    private readonly addresses: CallAddresses,
    private readonly openStreams: OpenStreams,
    private readonly tools: ExchangeTools,
    private readonly exchanges: ExchangeStarter,
  ) {}

  /**
   * Fetches, and then sends: a worker's call counts as sent only from there on. What goes wrong is settled and told to the client.
   * @param filled the call with its body.
   */
  async start(
    admitted: AdmittedCall,
    { addresses, body }: ContentElsewhere,
    filled: (body: Buffer) => AdmittedCall['plan'],
  ): Promise<void> {
    const { plan, request, ticket } = admitted;
    const { tenantId } = request.identity.key;
    const room = new RepliesRoom(this.tools.replies, tenantId);
    let whole: AdmittedCall;
    try {
      const contents = await this.watched(admitted, (signal) =>
        this.addresses.contents(addresses, { tenantId, requestId: request.requestId, room, signal }),
      );
      whole = { ...admitted, plan: filled(body(contents)), ticket: closing(room, ticket) };
      await (request.approved ?? request.background)?.sending();
    } catch (error) {
      room.close();
      this.exchanges.refuse(admitted, asAppError(error));
      return;
    }
    this.exchanges.start(whole, allowedCall(plan.kind, request));
  }

  /** Ends the work when the client leaves or the key loses its right. */
  private async watched<T>({ plan, request, sink }: AdmittedCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const leave = (): void => ended.abort(new AppError('request_timeout', { message: 'The client left.' }));
    sink.onGone(leave);
    if (sink.gone) leave();
    const unwatch = this.openStreams.watch({
      ...allowedCall(plan.kind, request),
      use: { endpoint: plan.endpoint, modality: plan.kind.modality },
      abort: (error) => ended.abort(error),
    });
    try {
      return await work(ended.signal);
    } finally {
      unwatch();
    }
  }
}

/** The ticket of a call whose body is held until the call is over, in whatever way. */
function closing(room: RepliesRoom, ticket: AdmittedCall['ticket']): AdmittedCall['ticket'] {
  return {
    outputBound: ticket.outputBound,
    settle: (result, settled) => {
      room.close();
      ticket.settle(result, settled);
    },
  };
}

/** What a call holds of the memory for replies. */
class RepliesRoom implements FetchRoom {
  private held = 0;

  constructor(
    private readonly replies: ShareBudget,
    private readonly tenantId: string,
  ) {}

  take(bytes: number): boolean {
    if (!this.replies.take(this.tenantId, bytes)) return false;
    this.held += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.replies.giveBack(this.tenantId, bytes);
    this.held -= bytes;
  }

  close(): void {
    this.giveBack(this.held);
  }
}
