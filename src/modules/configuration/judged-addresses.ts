import { Injectable } from '@nestjs/common';
import type { TenantEntry } from '../../contracts/platform-file.js';
import { ConnectionsService } from '../connections/connections.service.js';

/** The judged address of a connection of the file. @throws AppError invalid_value when it may not be called. */
export type JudgedAddresses = (baseUrl: string) => URL;

const atOnce = 16;

/** Judges the addresses of a tenant's connections before its transaction begins: a name service may take seconds. */
@Injectable()
export class AddressJudge {
  constructor(private readonly connections: ConnectionsService) {}

  /** An address that may not be called is told when it is asked for: one that does not change does no harm. */
  async judge(entry: TenantEntry): Promise<JudgedAddresses> {
    const waiting = [...new Set(entry.connections.map(({ base_url: baseUrl }) => baseUrl))];
    const outcomes = new Map<string, PromiseSettledResult<URL>>();
    const work = async (): Promise<void> => {
      for (let baseUrl = waiting.pop(); baseUrl !== undefined; baseUrl = waiting.pop()) {
        const [outcome] = await Promise.allSettled([this.connections.judgeAddress(baseUrl)]);
        outcomes.set(baseUrl, outcome);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return (baseUrl) => {
      const outcome = outcomes.get(baseUrl);
      if (outcome?.status === 'fulfilled') return outcome.value;
      throw outcome === undefined ? new Error('an address was not judged') : (outcome.reason as Error);
    };
  }
}
