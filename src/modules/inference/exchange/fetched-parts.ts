import type { AddressFetcher } from '../../../platform/upstream/address-fetcher.js';
import type { EgressClient } from '../../../platform/upstream/egress-client.js';
import type { UpstreamHandle } from '../../../platform/upstream/upstream-call.js';
import type { OutboundWay } from '../../../platform/upstream/way/outbound-way.js';
import { AppError, overloaded } from '../../../kernel/app-error.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import type { HeldReply } from './held-reply.js';
import { failureError } from './provider-errors.js';

/** Who waits for what an answer left elsewhere. */
export interface FetchedPartsUser {
  onFetched(contents: readonly Buffer[]): void;
  onFailed(error: AppError): void;
}

/** By whom the parts of an answer are fetched. */
export interface PartSources {
  /** What stands at the provider itself is fetched as the provider is called. */
  readonly own: { readonly client: EgressClient; readonly origin: string; readonly way: OutboundWay | undefined };
  /** What stands anywhere else. */
  readonly others: AddressFetcher;
}

const imageTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** How images begin: PNG, JPEG, GIF, WebP. */
const imageStart = /^(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8|RIFF[^]{4}WEBP)/;

/** For an image that does not stand at the provider itself. */
const longestMs = 10_000;
const mostBytes = 20 * 1024 * 1024;

/**
 * Fetches images that a provider gave the addresses of, one after the other: no redirect is followed, and nothing of the
 * connection's credential goes along. What is no image is refused, so that an address cannot be used to read anything else.
 */
export class FetchedParts {
  private readonly contents: Buffer[] = [];
  private readonly stop = new AbortController();
  private handle: UpstreamHandle | undefined;
  private bytes = 0;
  private isOver = false;

  /** @param held counts what is fetched. @param maxBytes of all together. */
  constructor(
    private readonly by: PartSources,
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
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      this.fail(wrongAnswer('an address in the answer is none that can be fetched'));
    else if (url.origin === this.by.own.origin) this.readOwn(url);
    else this.readOther(address);
  }

  private readOwn({ origin, pathname, search }: URL): void {
    const pieces: Buffer[] = [];
    this.handle = this.by.own.client.dispatch(
      {
        origin,
        path: pathname + search,
        method: 'GET',
        headers: ['accept', 'image/*', 'accept-encoding', 'identity', 'user-agent', 'gt-api'],
        body: null,
        way: this.by.own.way,
        tenantId: this.held.tenantId,
      },
      {
        onHead: (status) => {
          if (status < 200 || status >= 300) this.fail(wrongAnswer(`an address in the answer was answered with ${status}`));
        },
        onData: (chunk) => {
          if (this.isOver) return;
          const fault = this.faultOf(chunk.length);
          if (fault === undefined) pieces.push(chunk);
          else this.fail(fault);
        },
        onEnd: () => this.take(Buffer.concat(pieces)),
        onFailure: (failure) =>
          this.fail(
            failure.kind === 'refused' ? new AppError('upstream_error', { cause: failure.cause }) : failureError(failure),
          ),
      },
    );
  }

  /** Public addresses alone: a provider, which a tenant chose, may name any. */
  private readOther(address: string): void {
    let left = mostBytes;
    const count = (bytes: number): void => {
      left -= bytes;
      const fault = left < 0 ? tooLong() : this.faultOf(bytes);
      if (fault !== undefined) throw fault;
    };
    const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(longestMs)]);
    this.by.others.fetch(address, { types: imageTypes, count, signal }).then(
      ({ bytes }) => this.take(bytes),
      (error: unknown) => this.fail(error instanceof AppError ? error : new AppError('upstream_error', { cause: error })),
    );
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.isOver = true;
    this.stop.abort();
    this.handle?.cancel();
  }

  /** Counts bytes that are held from now on. */
  private faultOf(bytes: number): AppError | undefined {
    this.bytes += bytes;
    if (this.bytes > this.maxBytes) return tooLong();
    return this.held.count(bytes) ? undefined : overloaded();
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

function tooLong(): AppError {
  return wrongAnswer('what stands at the addresses is too long');
}
