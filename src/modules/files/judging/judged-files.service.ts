import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { batchBounds } from '../../../contracts/batches.js';
import { Config } from '../../../config/config.module.js';
import { isFields } from '../../../kernel/fields.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { faultPoint } from '../../../platform/fault-point.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { FileClaimsRepository } from '../ingestion/file-claims.repository.js';
import type { FileRun } from '../ingestion/file-run.js';
import { FileFailure } from '../ingestion/file-steps.js';
import type { JudgedPurpose } from '../record/tenant-file.js';
import { batchLines, fineTuneLines, type LineJudge } from './line-judges.js';
import { LineTooLongError, textLines, type TextLine } from './text-lines.js';

/** What files of a purpose may have. */
interface Bounds {
  readonly judge: () => LineJudge;
  readonly lines: number;
  readonly bytes: number;
  /** How deep a line nests. */
  readonly depth: number;
}

const bounds: Readonly<Record<JudgedPurpose, Bounds>> = {
  // A batch reads no line that nests deeper.
  batch: { judge: batchLines, lines: batchBounds.lines, bytes: batchBounds.bytes, depth: 256 },
  'fine-tune': { judge: fineTuneLines, lines: Infinity, bytes: Infinity, depth: 500 },
};

/** What stands around the body in a batch's line. */
const aroundBytes = 4 * 1024;
/** As many values take a moment to parse. */
const mostValues = 200_000;

/** Judges the JSON lines of a file, one in memory at a time. */
@Injectable()
export class JudgedFiles {
  private readonly mostLineBytes: number;

  constructor(
    private readonly store: ObjectStore,
    private readonly claims: FileClaimsRepository,
    private readonly config: Config,
  ) {
    this.mostLineBytes = config.GT_MAX_JSON_BYTES + aroundBytes;
  }

  /** One attempt: the file is ready when all its lines are good. @throws FileFailure that names the first line that is not. */
  async run(run: FileRun, purpose: JudgedPurpose): Promise<void> {
    this.reach('file.after-claim');
    const { judge, bytes, ...most } = bounds[purpose];
    if (run.file.bytes > bytes) throw refused(`A file of the purpose ${purpose} has at most ${bytes} bytes.`);
    const content = await this.store.openRead(run.file.storageKey);
    if (content === undefined) throw new FileFailure('content_missing', 'The content of the file is gone. Upload it again.');
    const leave = (): void => void content.destroy(run.signal.reason as Error);
    run.signal.addEventListener('abort', leave, { once: true });
    try {
      run.signal.throwIfAborted();
      await this.judge(run, content, judge(), most);
    } finally {
      run.signal.removeEventListener('abort', leave);
      content.destroy();
    }
    this.reach('file.before-ready');
    await run.transactAndTell((tx) => this.claims.finish(tx, run.file));
    this.reach('file.after-ready');
  }

  private async judge(run: FileRun, content: Readable, judge: LineJudge, most: Pick<Bounds, 'lines' | 'depth'>): Promise<void> {
    let [read, judged] = [0, 0];
    try {
      for await (const line of textLines(content, this.mostLineBytes)) {
        read += line.bytes.length + 1;
        run.progress((read / Math.max(1, run.file.bytes)) * 100);
        if (isBlank(line.bytes)) continue;
        judged += 1;
        if (judged > most.lines) throw refused(`Line ${line.number}: the file has more than ${most.lines} requests.`);
        const fault = faultOf(line, judge, most.depth);
        if (fault !== undefined) throw refused(`Line ${line.number}: ${fault}.`);
        this.reach('file.mid-judge');
      }
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      throw refused(`Line ${error.number}: it has more than ${this.mostLineBytes} bytes.`);
    }
    if (judged === 0) throw refused('The file has no lines.');
  }

  private reach(step: string): void {
    faultPoint(this.config.GT_FAULT_POINT, step);
  }
}

function faultOf({ number, bytes }: TextLine, judge: LineJudge, mostDepth: number): string | undefined {
  const { values, depth } = jsonSize(bytes, mostValues);
  if (values > mostValues) return `it has more than ${mostValues} values`;
  if (depth > mostDepth) return `it is nested deeper than ${mostDepth} levels`;
  const value = parsed(bytes);
  return isFields(value) ? judge(value, number) : 'it is not a JSON object';
}

/** Undefined for what is no JSON in UTF-8. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}

function refused(message: string): FileFailure {
  return new FileFailure('invalid_lines', message);
}
