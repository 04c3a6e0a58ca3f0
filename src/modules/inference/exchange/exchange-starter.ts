import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { OpenStreams, type AllowedCall } from '../../open-streams/open-streams.js';
import type { AnswerChoice } from '../call/call-plan.js';
import { BytesExchange } from './bytes-exchange.js';
import { notSent, type AdmittedCall, type Exchange } from './exchange.js';
import { ExchangeTools } from './exchange-tools.js';
import { PlainExchange } from './plain-exchange.js';
import { StreamExchange } from './stream-exchange.js';
import { UndecidedExchange } from './undecided-exchange.js';

/** Starts the exchange of a call that was let through. */
@Injectable()
export class ExchangeStarter {
  constructor(
    private readonly tools: ExchangeTools,
    private readonly openStreams: OpenStreams,
  ) {}

  /** Sends the call. What goes wrong before that is settled and told to the client like all that goes wrong later. */
  start(admitted: AdmittedCall, allowed: AllowedCall): void {
    let exchange: Exchange | undefined;
    try {
      const { decidedLater } = admitted.plan;
      exchange = decidedLater === undefined ? this.open(admitted, allowed) : this.openLater(admitted, decidedLater, allowed);
      exchange.start();
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal_error', { cause: thrown });
      if (exchange !== undefined) exchange.abort(error);
      else notSent(admitted, error);
    }
  }

  /** Settles a call that cannot be sent, and tells the client. */
  refuse(admitted: AdmittedCall, error: AppError): void {
    notSent(admitted, error);
  }

  /**
   * The form still comes: until it has come, its key must go on being allowed to call the model, also where the answer has
   * begun before.
   */
  private openLater(admitted: AdmittedCall, decide: () => AnswerChoice, allowed: AllowedCall): Exchange {
    const { endpoint, kind } = admitted.plan;
    const undecided = new UndecidedExchange(this.tools, admitted, decide, (decided) => {
      const next = this.open(decided, allowed);
      const { whenOver } = next;
      next.whenOver = () => {
        leave();
        whenOver();
      };
      current = next;
      return next;
    });
    let current: Exchange = undecided;
    const leave = this.openStreams.watch({
      ...allowed,
      use: { endpoint, modality: kind.modality },
      abort: (error) => {
        if (admitted.request.form?.isWhole === false) current.abort(error);
      },
    });
    undecided.whenOver = leave;
    return undecided;
  }

  /** What comes in events, or as bytes at the client's pace, may take long: its key must go on being allowed meanwhile. */
  private open(admitted: AdmittedCall, allowed: AllowedCall): Exchange {
    const { endpoint, kind, streamed, answer } = admitted.plan;
    let exchange: Exchange;
    if (streamed !== undefined) exchange = new StreamExchange(this.tools, admitted, streamed);
    else if (answer.shape === 'bytes') exchange = new BytesExchange(this.tools, admitted, answer);
    else return new PlainExchange(this.tools, admitted, answer);
    exchange.whenOver = this.openStreams.add({
      ...allowed,
      use: { endpoint, modality: kind.modality },
      abort: (error) => exchange.abort(error),
    });
    return exchange;
  }
}
