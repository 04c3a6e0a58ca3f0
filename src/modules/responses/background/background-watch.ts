import { Injectable } from '@nestjs/common';
import { RowWatch, type WatchedRow } from '../../../platform/database/row-watch.js';
import type { StreamPosition } from './background-record.js';
import { BackgroundWatchRepository } from './background-watch.repository.js';

/** Tells those who follow a response how far its stream is. */
@Injectable()
export class BackgroundWatch extends RowWatch<WatchedRow & StreamPosition> {
  constructor(private readonly repository: BackgroundWatchRepository) {
    super();
  }

  protected override read(places: readonly WatchedRow[]): Promise<readonly (WatchedRow & StreamPosition)[]> {
    return this.repository.positions(places);
  }

  protected override stateOf({ state, lastNumber }: StreamPosition): string {
    return `${state} ${lastNumber}`;
  }
}
