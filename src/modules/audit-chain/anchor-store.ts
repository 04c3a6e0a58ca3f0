import { text } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { StorageClaim } from '../files/intake/storage-claim.js';
import { anchorForm, anchorKey, anchorPrefix, dayOfKey, type Anchor, type DayAnchor } from './anchor.js';
import type { Chain } from './chain.js';

const readAtOnce = 16;

/** Anchors in the object store: one object for a chain and a day. */
@Injectable()
export class AnchorStore {
  constructor(
    private readonly store: ObjectStore,
    private readonly claim: StorageClaim,
  ) {}

  /** Whether anchors of this database may be written: the storage is claimed by it. */
  isOurs(): Promise<boolean> {
    return this.claim.isOurs();
  }

  /** @throws AppError overloaded; internal_error for an object that is no anchor. */
  async read(chain: Chain, day: string): Promise<Anchor | undefined> {
    return this.readKey(anchorKey(await this.claim.id(), chain, day));
  }

  /** Takes the place of the day's former one. @throws AppError overloaded. */
  async write(chain: Chain, day: string, anchor: Anchor): Promise<void> {
    const writer = await this.store.beginWrite();
    try {
      writer.stream.end(JSON.stringify(anchor));
      await writer.commit(anchorKey(await this.claim.id(), chain, day));
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** The newest anchors of a chain, the oldest of them first. @throws AppError overloaded, internal_error. */
  async newest(chain: Chain, limit: number): Promise<DayAnchor[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(anchorPrefix(await this.claim.id(), chain)))
      if (dayOfKey(key) !== undefined) keys.push(key);
    const wanted = keys.sort().slice(-limit);
    const anchors: DayAnchor[] = [];
    for (let from = 0; from < wanted.length; from += readAtOnce) {
      const some = wanted.slice(from, from + readAtOnce);
      for (const [at, anchor] of (await Promise.all(some.map((key) => this.readKey(key)))).entries())
        if (anchor !== undefined) anchors.push({ ...anchor, day: dayOfKey(some[at] ?? '') ?? '' });
    }
    return anchors;
  }

  private async readKey(key: string): Promise<Anchor | undefined> {
    const content = await this.store.openRead(key);
    if (content === undefined) return undefined;
    try {
      return anchorForm.parse(JSON.parse(await text(content)));
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('internal_error', { cause: new Error(`The object ${key} is no anchor of the audit.`, { cause }) });
    }
  }
}
