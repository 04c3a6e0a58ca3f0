import type { IncomingHttpHeaders } from 'node:http';
import type { OnApplicationShutdown } from '@nestjs/common';
import { EgressClient, type EgressConfig } from './egress-client.js';
import { EgressPolicy, type Resolve } from './egress-policy.js';
import { publicNames } from './public-names.js';
import type { UpstreamHandle } from './upstream-call.js';

/** What stands at an address. */
export interface FetchedContent {
  /** Judged by the content itself, whatever its server says. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What a fetch is for. */
export interface FetchUse {
  /** The media types that are wanted. */
  readonly types: ReadonlySet<string>;
  /** Told of bytes as they come. What it throws ends the fetch. */
  count(bytes: number): void;
  readonly signal: AbortSignal;
}

/** Nothing usable could be fetched. Its message is for the log, and names no address. */
export class NotFetchedError extends Error {
  constructor(why: string, cause?: unknown) {
    super(`Not fetched: ${why}.`, { cause });
    this.name = 'NotFetchedError';
  }
}

const longestAddress = 8_192;
/** Enough of a content to tell what it is. */
const judgedBytes = 1024 * 1024;

const headers = ['accept', '*/*', 'accept-encoding', 'identity', 'user-agent', 'gt-api'];

/**
 * The egress client of an `AddressFetcher`: it connects to public addresses alone. What GT_ALLOW_PRIVATE_UPSTREAMS allows is
 * meant for providers, which admins name, and not for addresses that come with a request.
 * @param resolve another look-up of names, for tests.
 */
export function publicEgress(config: EgressConfig, resolve: Resolve = publicNames({ timeout: 2_000, tries: 2 })): EgressClient {
  return new EgressClient(config, new EgressPolicy('false', resolve), { maxPools: 100, idleMs: 10_000 });
}

/**
 * Fetches what stands at an address that came with a request: `https` on its own port and nothing else, without credentials
 * or cookies, no redirect followed, nothing that is encoded, and only what is of a wanted type by its content.
 */
export class AddressFetcher implements OnApplicationShutdown {
  constructor(private readonly client: Pick<EgressClient, 'dispatch' | 'onApplicationShutdown'>) {}

  /**
   * @throws NotFetchedError for whatever lies with the address; the signal's reason once it is aborted; what `count` throws, as
   * long as what had come by then is of a wanted type: else it would tell that something stands there.
   */
  async fetch(address: string, use: FetchUse): Promise<FetchedContent> {
    use.signal.throwIfAborted();
    const pieces: Buffer[] = [];
    try {
      await this.read(targetOf(address), use, pieces);
    } catch (error) {
      use.signal.throwIfAborted();
      if (!(error instanceof NotFetchedError)) await wantedType(Buffer.concat(pieces), use);
      throw error;
    }
    const bytes = Buffer.concat(pieces);
    return { mediaType: await wantedType(bytes, use), bytes };
  }

  onApplicationShutdown(): Promise<void> {
    return this.client.onApplicationShutdown();
  }

  private read(target: { readonly origin: string; readonly path: string }, use: FetchUse, pieces: Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (error: unknown): void => {
        use.signal.removeEventListener('abort', onAbort);
        handle.cancel();
        reject(error as Error);
      };
      const onAbort = (): void => stop(use.signal.reason);
      const handle: UpstreamHandle = this.client.dispatch(
        { ...target, method: 'GET', headers: [...headers], body: null },
        {
          onHead: (status, head) => {
            const fault = faultOfHead(status, head);
            if (fault !== undefined) stop(new NotFetchedError(fault));
          },
          onData: (chunk) => {
            try {
              pieces.push(chunk);
              use.count(chunk.length);
            } catch (error) {
              stop(error);
            }
          },
          onEnd: () => {
            use.signal.removeEventListener('abort', onAbort);
            resolve();
          },
          onFailure: ({ kind, cause }) => stop(new NotFetchedError(kind, cause)),
        },
      );
      use.signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** @throws NotFetchedError for an address that is not fetched, whatever stands there. */
function targetOf(address: string): { readonly origin: string; readonly path: string } {
  const url = address.length <= longestAddress && URL.canParse(address) ? new URL(address) : undefined;
  const isFetched = url?.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  if (!isFetched) throw new NotFetchedError('no address of the form that is fetched');
  return { origin: url.origin, path: `${url.pathname}${url.search}` };
}

function faultOfHead(status: number, { 'content-encoding': encoding = 'identity' }: IncomingHttpHeaders): string | undefined {
  if (status !== 200) return `answered with ${status}`;
  return encoding.trim().toLowerCase() === 'identity' ? undefined : 'answered in an encoding';
}

async function wantedType(bytes: Buffer, { types }: FetchUse): Promise<string> {
  const { fileTypeFromBuffer } = await import('file-type');
  const found = (await fileTypeFromBuffer(bytes.subarray(0, judgedBytes)).catch(() => undefined))?.mime;
  // An animation that every reader of the plain form shows.
  const mediaType = found === 'image/apng' ? 'image/png' : found;
  if (mediaType === undefined || !types.has(mediaType)) throw new NotFetchedError('not of a wanted type');
  return mediaType;
}
