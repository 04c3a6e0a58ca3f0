import { Injectable } from '@nestjs/common';
import type { FileRecord } from '../record/file-record.js';
import { statusOf } from '../record/file-status.js';
import { FileWatch } from './file-watch.js';

/** Waits for files without holding anything but memory. */
@Injectable()
export class FileWaits {
  constructor(private readonly watch: FileWatch) {}

  /** Resolves when the file's status is another one, the file is gone, the time is up, or the signal fires. */
  async otherStatus(file: FileRecord, ms: number, signal: AbortSignal): Promise<void> {
    const before = statusOf(file);
    let unwatch: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      unwatch = this.watch.watch(file, (progress) => {
        if (progress === undefined || statusOf({ kind: file.kind, ...progress }) !== before) resolve();
      });
    });
    clearTimeout(timer);
    unwatch();
  }
}
