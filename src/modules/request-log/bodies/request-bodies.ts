import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import { RequestDrops } from '../request-drops.js';
import { bodiesSeal, type BodyText, type CallBodies } from './body-text.js';
import { KeptBody, type KeptBodies } from './kept-body.js';
import { redactedText, restoresValues } from './redaction.js';
import { RequestBodiesWriter } from './request-bodies-writer.repository.js';

/** Calls whose bodies are kept in memory, of a process: those that run, and those that wait to be written. */
const mostHeld = 256;
const rowsAtOnce = 32;

interface EndedCall {
  readonly tenantId: string;
  readonly requestId: string;
  readonly policy: PromptPolicy | null;
  readonly bodies: KeptBodies;
}

/**
 * Keeps the bodies of calls whose tenants want it: redacted, sealed, and written some at a time, behind the calls. What finds no room
 * in memory, or is not taken by the database, is left out and counted. A process that is killed loses what it has not written.
 */
@Injectable()
export class RequestBodies implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RequestBodies.name);
  private readonly isOn: boolean;
  private waiting: EndedCall[] = [];
  private held = 0;
  private work: Promise<void> | undefined;

  constructor(
    private readonly writer: RequestBodiesWriter,
    private readonly keyRing: KeyRing,
    private readonly drops: RequestDrops,
    config: Config,
  ) {
    this.isOn = config.GT_REQUEST_LOG_DAYS > 0;
  }

  /** Room for the bodies of a call; undefined where there is none. It is given back by `keep` or `forget`. */
  begin(): KeptBodies | undefined {
    if (!this.isOn) return undefined;
    if (this.held >= mostHeld) {
      this.drops.add('bodies', 1);
      return undefined;
    }
    this.held += 1;
    return { request: new KeptBody(), answer: new KeptBody() };
  }

  /** The call has no row of its own in the log. */
  forget(): void {
    this.held -= 1;
  }

  /** The call is over. */
  keep(call: EndedCall): void {
    this.waiting.push(call);
    this.work ??= this.writeAll().finally(() => (this.work = undefined));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.work;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const calls = this.waiting.splice(0, rowsAtOnce);
      try {
        await this.writer.write(await Promise.all(calls.map((call) => this.sealed(call))));
      } catch (error) {
        this.drops.add('bodies', calls.length);
        this.logger.error(`Bodies of ${calls.length} calls are not kept: ${(error as Error).message}`);
      } finally {
        this.held -= calls.length;
      }
    }
  }

  private async sealed({ tenantId, requestId, policy, bodies }: EndedCall) {
    const content: CallBodies = {
      request: await bodyText(bodies.request, policy, false),
      answer: await bodyText(bodies.answer, policy, true),
    };
    return { tenantId, id: requestId, content: this.keyRing.seal(JSON.stringify(content), bodiesSeal(tenantId, requestId)) };
  }
}

async function bodyText(body: KeptBody, policy: PromptPolicy | null, isAnswer: boolean): Promise<BodyText> {
  const { bytes, isCut } = body;
  const text = body.text();
  if (text === undefined) return { text: null, bytes, cut: isCut, left_out: 'no_text' };
  // A value that was put back may be cut anywhere between events.
  if (isAnswer && /^(?:data|event):/.test(text) && (await restoresValues(policy)))
    return { text: null, bytes, cut: isCut, left_out: 'restored_values' };
  return { text: await redactedText(text, policy), bytes, cut: isCut, left_out: null };
}
