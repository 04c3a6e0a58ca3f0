import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerChoice } from '../call/call-plan.js';
import { Exchange, type AdmittedCall } from './exchange.js';
import type { ExchangeTools } from './exchange-tools.js';

/**
 * A call that is sent while its request still comes, so that nobody knows yet how its answer is read: a form may say last
 * that it wants a stream. When a good answer begins, the exchange that fits takes the call over.
 */
export class UndecidedExchange extends Exchange {
  constructor(
    tools: ExchangeTools,
    private readonly admitted: AdmittedCall,
    private readonly decide: () => AnswerChoice,
    private readonly open: (admitted: AdmittedCall) => Exchange,
  ) {
    super(tools, admitted);
  }

  protected onHead(headers: IncomingHttpHeaders): void {
    const choice = this.decide();
    const plan = { ...this.plan, ...choice, decidedLater: undefined };
    for (const [name, value] of Object.entries(choice.replyHeaders ?? {})) this.sink.setHeader(name, value);
    const next = this.open({ ...this.admitted, plan, running: this.call });
    // From here on the call is the other's to settle.
    this.over = true;
    next.goOn(headers);
  }

  onData(): void {
    throw new Error('An answer has come before its head.');
  }

  onEnd(): void {
    throw new Error('An answer has ended before its head.');
  }
}
