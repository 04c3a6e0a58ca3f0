import { Injectable } from '@nestjs/common';
import { RowWatch, type WatchedRow } from '../../../platform/database/row-watch.js';
import { FileWatchRepository, type WatchedProgress } from './file-watch.repository.js';

/** Tells those who wait of a file's progress. */
@Injectable()
export class FileWatch extends RowWatch<WatchedProgress> {
  constructor(private readonly repository: FileWatchRepository) {
    super();
  }

  protected override read(files: readonly WatchedRow[]): Promise<readonly WatchedProgress[]> {
    return this.repository.read(files);
  }

  protected override stateOf({ state, stage, percent, attempts }: WatchedProgress): string {
    return `${state} ${stage} ${percent} ${attempts}`;
  }
}
