import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import type { ClaimedLine } from '../batches/batch-lines.repository.js';

/** So far apart bodies are read together; what is between them is read for nothing. */
const nearBytes = 64 * 1024;

/** A request with what it asks. */
export interface OpenLine extends ClaimedLine {
  readonly body: Buffer;
}

/** Reads the bodies of requests from the input of their batch. */
@Injectable()
export class LineBodies {
  constructor(private readonly store: ObjectStore) {}

  /** @param lines in the order in which they stand there. @throws AppError overloaded, internal_error when the content is gone. */
  async of(storageKey: string, lines: readonly ClaimedLine[]): Promise<OpenLine[]> {
    const open: OpenLine[] = [];
    for (const near of neighbours(lines)) {
      const [first, last] = [near[0], near.at(-1)];
      if (first === undefined || last === undefined) continue;
      const start = first.bodyOffset;
      const bytes = await this.read(storageKey, start, last.bodyOffset + last.bodyBytes);
      // Each has its own copy, so that one that runs for long does not keep the bytes of all others.
      for (const line of near) {
        const from = line.bodyOffset - start;
        open.push({ ...line, body: Buffer.from(bytes.subarray(from, from + line.bodyBytes)) });
      }
    }
    return open;
  }

  private async read(storageKey: string, start: number, end: number): Promise<Buffer> {
    const content = await this.store.openRead(storageKey, { start, end: end - 1 });
    if (content === undefined) throw new AppError('internal_error', { cause: 'the input of a batch is gone' });
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

function neighbours(lines: readonly ClaimedLine[]): ClaimedLine[][] {
  const groups: ClaimedLine[][] = [];
  let end = -Infinity;
  for (const line of lines) {
    if (line.bodyOffset - end > nearBytes) groups.push([]);
    groups.at(-1)?.push(line);
    end = line.bodyOffset + line.bodyBytes;
  }
  return groups;
}
