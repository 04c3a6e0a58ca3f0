import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { AppError, asAppError, overloaded } from '../../../kernel/app-error.js';
import type { ShareBudget } from '../../../kernel/share-budget.js';
import { OpenStreams, type AllowedCall } from '../../open-streams/open-streams.js';
import { hasEnded, type ResponsePlace, type StreamPosition } from '../../responses/background/background-record.js';
import { BackgroundWatch } from '../../responses/background/background-watch.js';
import { BackgroundService } from '../../responses/background/background.service.js';
import type { ReplySink } from '../call/reply-sink.js';
import { ExchangeTools } from '../exchange/exchange-tools.js';
import { streamedEvent } from './shown-response.js';

/** So little is not worth counting: a connection costs as much. */
const smallBytes = 64 * 1024;
const streamType = 'text/event-stream; charset=utf-8';

/**
 * Tells the stored events of responses that workers make, from any number on, and goes on as new ones come, until the
 * response has ended. Events are read page by page, each when the client has the one before; a page counts against the
 * tenant's share of all replies until then. A client that leaves changes nothing for the response.
 */
@Injectable()
export class StoredStreams {
  constructor(
    private readonly background: BackgroundService,
    private readonly watch: BackgroundWatch,
    private readonly open: OpenStreams,
    private readonly tools: ExchangeTools,
    private readonly config: Config,
  ) {}

  /**
   * @param after the number behind which the stream begins; -1 for all of it.
   * @param options.isHead only the head is wanted.
   */
  follow(place: ResponsePlace, after: number, call: AllowedCall, sink: ReplySink, { isHead = false } = {}): void {
    sink.head(200, streamType);
    if (isHead) {
      sink.end();
      return;
    }
    const stream = new StoredStream(place, after, sink, this.background, this.tools.replies);
    const closing = [
      this.watch.watch(place, (position) => stream.moveTo(position)),
      this.open.add({ ...call, abort: (error) => stream.fail(error) }),
    ];
    if (call.identity.key.keepAlive !== 'off') {
      const timer = setInterval(() => sink.write(': ping\n'), this.config.GT_KEEP_ALIVE_MS).unref();
      closing.push(() => clearInterval(timer));
    }
    stream.onClosed(() => {
      for (const close of closing) close();
    });
    sink.onGone(() => stream.close());
    if (sink.gone) stream.close();
  }
}

/** One client that follows a response. */
class StoredStream {
  private position: StreamPosition | undefined;
  private reading = false;
  private isFull = false;
  private isClosed = false;
  private closed: () => void = () => undefined;
  /** Bytes of the page that is read or under way to the client, as they are counted. */
  private held = 0;

  constructor(
    private readonly place: ResponsePlace,
    private after: number,
    private readonly sink: ReplySink,
    private readonly background: BackgroundService,
    private readonly replies: ShareBudget,
  ) {
    sink.onDrain(() => {
      this.isFull = false;
      if (!this.reading) this.giveBack();
      this.goOn();
    });
  }

  onClosed(listener: () => void): void {
    this.closed = listener;
    if (this.isClosed) listener();
  }

  moveTo(position: StreamPosition | undefined): void {
    if (position === undefined) this.fail(new AppError('not_found', { message: 'The response was deleted.' }));
    else {
      this.position = position;
      this.goOn();
    }
  }

  fail(error: AppError): void {
    if (this.isClosed) return;
    this.close();
    this.sink.fail(error, `data: ${JSON.stringify(error.body())}\n\n`);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // What was written may still be held for a client that reads slowly, and what is being read comes yet.
    if (!this.reading) this.sink.onFlushed(() => this.giveBack());
    this.closed();
  }

  private goOn(): void {
    if (this.reading || this.isFull || this.isClosed) return;
    this.reading = true;
    this.read()
      .catch((error: unknown) => this.fail(asAppError(error)))
      .finally(() => {
        this.reading = false;
        if (this.isClosed) this.sink.onFlushed(() => this.giveBack());
        else if (!this.isFull) this.giveBack();
      });
  }

  private async read(): Promise<void> {
    while (!this.isClosed && !this.isFull && this.position !== undefined) {
      const { state, lastNumber } = this.position;
      if (this.after >= lastNumber) {
        if (hasEnded(state)) {
          this.close();
          this.sink.end();
        }
        return;
      }
      this.giveBack();
      const events = await this.background.events(this.place, this.after, (bytes) => this.hold(bytes));
      if (this.isClosed) return;
      for (const event of events) this.isFull = !this.sink.write(streamedEvent(event)) || this.isFull;
      this.after = events.at(-1)?.number ?? lastNumber;
    }
  }

  /** @throws AppError overloaded when the tenant's clients have not taken enough of what they asked for. */
  private hold(bytes: number): void {
    if (bytes <= smallBytes) return;
    if (!this.replies.take(this.place.tenantId, bytes)) throw overloaded();
    this.held = bytes;
  }

  private giveBack(): void {
    if (this.held > 0) this.replies.giveBack(this.place.tenantId, this.held);
    this.held = 0;
  }
}
