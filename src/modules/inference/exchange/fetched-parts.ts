import type { EgressClient } from '../../../platform/upstream/egress-client.js';
import type { OutboundWay } from '../../../platform/upstream/way/outbound-way.js';
import type { UpstreamHandle } from '../../../platform/upstream/upstream-call.js';
import { AppError, overloaded } from '../../../kernel/app-error.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import type { HeldReply } from './held-reply.js';
import { failureError } from './provider-errors.js';

/** Who waits for what an answer left elsewhere. */
export interface FetchedPartsUser {
  onFetched(contents: readonly Buffer[]): void;
  onFailed(error: AppError): void;
}

/** How images begin: PNG, JPEG, GIF, WebP. */
const imageStart = /^(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8|RIFF[^]{4}WEBP)/;

/**
 * Fetches images that a provider gave the addresses of, one after the other, by the egress client, on the way of the
 * connection: the checks of addresses hold, no redirect is followed, and nothing of the connection's credential goes along. What is no image is
 * refused, so that an address cannot be used to read anything else.
 */
export class FetchedParts {
  private readonly contents: Buffer[] = [];
  private handle: UpstreamHandle | undefined;
  private bytes = 0;
  private isOver = false;

  /** @param by whom they are fetched, and which way. @param held counts what is fetched. @param maxBytes of all together. */
  constructor(
    private readonly by: { readonly client: EgressClient; readonly way: OutboundWay | undefined },
    private readonly addresses: readonly string[],
    private readonly held: HeldReply,
    private readonly maxBytes: number,
    private readonly user: FetchedPartsUser,
  ) {}

  /** Fetches the next one. */
  start(): void {
    const address = this.addresses[this.contents.length];
    if (address === undefined) {
      this.isOver = true;
      this.user.onFetched(this.contents);
      return;
    }
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      this.fail(wrongAnswer('an address in the answer is none that can be fetched'));
      return;
    }
    const pieces: Buffer[] = [];
    this.handle = this.by.client.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: ['accept', 'image/*', 'accept-encoding', 'identity', 'user-agent', 'gt-api'],
        body: null,
        way: this.by.way,
      },
      {
        onHead: (status) => {
          if (status < 200 || status >= 300) this.fail(wrongAnswer(`an address in the answer was answered with ${status}`));
        },
        onData: (chunk) => {
          if (this.isOver) return;
          this.bytes += chunk.length;
          if (this.bytes > this.maxBytes) this.fail(wrongAnswer('what stands at the addresses is too long'));
          else if (!this.held.add(chunk)) this.fail(overloaded());
          else pieces.push(chunk);
        },
        onEnd: () => this.take(Buffer.concat(pieces)),
        onFailure: (failure) =>
          this.fail(
            failure.kind === 'refused' ? new AppError('upstream_error', { cause: failure.cause }) : failureError(failure),
          ),
      },
    );
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.isOver = true;
    this.handle?.cancel();
  }

  private take(content: Buffer): void {
    if (this.isOver) return;
    if (!imageStart.test(content.toString('latin1', 0, 16))) {
      this.fail(wrongAnswer('what stands at an address is no image'));
      return;
    }
    this.contents.push(content);
    this.start();
  }

  private fail(error: AppError): void {
    if (this.isOver) return;
    this.cancel();
    this.user.onFailed(error);
  }
}
