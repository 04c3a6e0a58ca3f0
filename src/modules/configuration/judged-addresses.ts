import { Injectable } from '@nestjs/common';
import type { TenantEntry } from '../../contracts/platform-file.js';
import { ConnectionsService } from '../connections/connections.service.js';

type Auth = TenantEntry['connections'][number]['auth'];

/** The judged addresses of the connections of the file. Both @throws AppError invalid_value for one that may not be called. */
export interface JudgedAddresses {
  ofProvider(baseUrl: string): URL;
  /** Those of a login are as they were given. */
  ofLogin(auth: Auth): void;
}

const atOnce = 16;

/** Judges the addresses of a tenant's connections before its transaction begins: a name service may take seconds. */
@Injectable()
export class AddressJudge {
  constructor(private readonly connections: ConnectionsService) {}

  /** An address that may not be called is told when it is asked for: one that does not change does no harm. */
  async judge(entry: TenantEntry): Promise<JudgedAddresses> {
    const baseUrls = await this.outcomes(
      entry.connections.map(({ base_url: baseUrl }) => baseUrl),
      (baseUrl) => this.connections.judgeAddress(baseUrl),
    );
    const logins = await this.outcomes(
      entry.connections.map(({ auth }) => auth),
      (auth) => this.connections.judgeLogin(auth),
    );
    return { ofProvider: (baseUrl) => valueOf(baseUrls.get(baseUrl)), ofLogin: (auth) => valueOf(logins.get(auth)) };
  }

  /** What became of each of them, a few at a time. */
  private async outcomes<T, R>(all: readonly T[], judge: (one: T) => Promise<R>): Promise<Map<T, PromiseSettledResult<R>>> {
    const waiting = [...new Set(all)];
    const outcomes = new Map<T, PromiseSettledResult<R>>();
    const work = async (): Promise<void> => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const [outcome] = await Promise.allSettled([judge(one)]);
        outcomes.set(one, outcome);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return outcomes;
  }
}

function valueOf<R>(outcome: PromiseSettledResult<R> | undefined): R {
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome === undefined ? new Error('an address was not judged') : (outcome.reason as Error);
}
