import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.module.js';
import { overloaded, type AppError } from '../../../kernel/app-error.js';
import { ShareBudget } from '../../../kernel/share-budget.js';
import { Log } from '../../../observability/log.js';
import { AddressFetcher, NotFetchedError } from '../../../platform/upstream/address-fetcher.js';
import type { NamedAddress } from '../call/content-elsewhere.js';
import { invalid } from '../call/request-body.js';

/** What one call may have fetched. */
export const addressLimits = {
  /** Different addresses. */
  addresses: 8,
  atOnce: 4,
  /** Of all together. */
  bytes: 20 * 1024 * 1024,
  /** For all together. */
  milliseconds: 10_000,
} as const;

/** So many calls of this process may fetch at once; a tenant has its share of them. */
const callsAtOnce = 24;
/** What is put in stands in memory so many times at once: as a text, and as the bytes that are sent. */
const copies = 2;

/** What is fetched for a call is counted here until nothing of it is held any more. */
export interface FetchRoom {
  /** False where the tenant may not have so many bytes now. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export interface FetchFor {
  readonly tenantId: string;
  readonly requestId: string;
  readonly room: FetchRoom;
  /** Aborted when nobody waits any more, with an AppError. */
  readonly signal: AbortSignal;
}

/** Fetches what stands at addresses that a request names, for a provider that takes only bytes. */
@Injectable()
export class CallAddresses {
  private readonly calls: ShareBudget;

  constructor(
    private readonly fetcher: AddressFetcher,
    private readonly log: Log,
    @Inject(Config) config: Pick<Config, 'GT_TENANT_SHARE_PERCENT'>,
  ) {
    this.calls = new ShareBudget(callsAtOnce, config.GT_TENANT_SHARE_PERCENT);
  }

  /**
   * What stands at the addresses, as `data:` addresses in their order. Of what was said before the model spoke last, the
   * newest are fetched; undefined for one that is too much or cannot be fetched any more.
   * @throws AppError invalid_value, in the same words whatever an address has failed for: who asks learns nothing of what it
   * leads to. Besides: invalid_value for too many addresses, overloaded, what the signal was aborted with.
   */
  async contents(
    addresses: readonly NamedAddress[],
    use: FetchFor,
    limits: Readonly<Record<keyof typeof addressLimits, number>> = addressLimits,
  ): Promise<readonly (string | undefined)[]> {
    const wanted = chosen(addresses, limits.addresses);
    if (!this.calls.take(use.tenantId, 1)) throw overloaded();
    const stop = new AbortController();
    const leave = (): void => stop.abort(use.signal.reason);
    use.signal.addEventListener('abort', leave, { once: true });
    if (use.signal.aborted) leave();
    const late = setTimeout(() => stop.abort(new NotFetchedError('too late')), limits.milliseconds);
    const found = new Map<string, string>();
    const running = { ...use, signal: stop.signal, bytesLeft: { count: limits.bytes } };
    const waiting = wanted.values();
    const fetchNext = async (): Promise<void> => {
      for (const address of waiting) {
        const content = await this.content(address, running);
        if (content !== undefined) found.set(nameOf(address), content);
      }
    };
    const fetching = Array.from({ length: limits.atOnce }, fetchNext);
    try {
      await Promise.all(fetching);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(fetching);
      throw error;
    } finally {
      clearTimeout(late);
      use.signal.removeEventListener('abort', leave);
      this.calls.giveBack(use.tenantId, 1);
    }
    return addresses.map((address) => found.get(nameOf(address)));
  }

  /** Undefined where it is gone. */
  private async content(
    { url, types, isNew, param }: NamedAddress,
    { room, signal, requestId, bytesLeft }: FetchFor & { readonly bytesLeft: { count: number } },
  ): Promise<string | undefined> {
    let taken = 0;
    const take = (bytes: number): void => {
      if (!room.take(bytes)) throw overloaded();
      taken += bytes;
    };
    let read = 0;
    const count = (bytes: number): void => {
      read += bytes;
      bytesLeft.count -= bytes;
      if (bytesLeft.count < 0) throw new NotFetchedError('too large');
      take(bytes);
    };
    try {
      const { bytes, mediaType } = await this.fetcher.fetch(url, { types, count, signal });
      take(Math.ceil(bytes.length / 3) * 4 * copies - bytes.length);
      return `data:${mediaType};base64,${bytes.toString('base64')}`;
    } catch (error) {
      room.giveBack(taken);
      bytesLeft.count += read;
      if (!(error instanceof NotFetchedError)) throw error;
      this.log.info('an address of a request was not fetched', { request_id: requestId, why: whyOf(error) });
      if (isNew) throw notFetched(param);
      return undefined;
    }
  }
}

/** Those that are fetched: all that are new, and of the others the newest. @throws AppError invalid_value for too many. */
function chosen(addresses: readonly NamedAddress[], most: number): readonly NamedAddress[] {
  const wanted = new Map<string, NamedAddress>();
  for (const address of addresses.filter(({ isNew }) => isNew)) {
    wanted.set(nameOf(address), wanted.get(nameOf(address)) ?? address);
    if (wanted.size > most) throw invalid(address.param, `a request may name at most ${most} addresses that have to be fetched`);
  }
  for (const address of addresses.toReversed())
    if (wanted.size < most && !wanted.has(nameOf(address))) wanted.set(nameOf(address), address);
  return [...wanted.values()];
}

/** What is fetched once for all places that name it for the same. */
function nameOf({ url, types }: NamedAddress): string {
  return `${[...types].join()} ${url}`;
}

function notFetched(param: string): AppError {
  return invalid(param, 'what stands at this address could not be fetched');
}

/** Without the address. */
function whyOf({ message, cause }: NotFetchedError): string {
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : undefined;
  return code === undefined ? message : `${message} ${code}`;
}
