import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { access, constants as fileAccess } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messagesOf } from './child-messages.js';
import type { ChildMessage, ChildRequest } from './child-protocol.js';
import { ChildWatch, type ChildLimits } from './child-watch.js';
import { DocumentFailure } from './document-failure.js';
import type { MediaType } from './media-types.js';
import { defaultParseLimits, type ParseLimits } from './parse-limits.js';
import type { Section } from './section.js';

export interface DocumentParserOptions extends ChildLimits {
  readonly limits: ParseLimits;
  /** V8's heap in the child, in MiB. */
  readonly heapMegabytes: number;
  /** The program that reads a document. Tests give others, which crash. */
  readonly childFile: string;
}

export interface ParseCall {
  /** Ends the child; `parse` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with 0 to 100, each once and rising. */
  readonly onProgress?: (percent: number) => void;
  /** Reads the hidden sheets of a workbook, too; by default they are left out. */
  readonly hiddenSheets?: boolean;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const stderrBytes = 4_096;

const defaults: DocumentParserOptions = {
  limits: defaultParseLimits,
  timeoutMs: 300_000,
  maxResidentBytes: 1024 * 1024 * 1024,
  heapMegabytes: 512,
  childFile: fileURLToPath(new URL('./child.js', import.meta.url)),
};

/**
 * Reads documents, each in a process of its own: a document that crashes its parser, never ends or eats memory fails
 * alone. The child has an empty environment and so knows no secret; it ends with its parent, however that ends.
 */
export class DocumentParser {
  private readonly options: DocumentParserOptions;

  constructor(options: Partial<DocumentParserOptions> = {}) {
    this.options = { ...defaults, ...options };
  }

  /**
   * The sections of a document on the local disk, in their order, as they are read: a slow reader slows the child. Only
   * when the last one has come is the document whole; leaving the loop early ends the child.
   * @throws DocumentFailure when the document cannot be read, the signal's reason when it is aborted, Error when the
   * file cannot be opened or no process be started.
   */
  async *parse(
    path: string,
    mediaType: MediaType,
    { signal, onProgress, hiddenSheets = false }: ParseCall = {},
  ): AsyncGenerator<Section> {
    signal?.throwIfAborted();
    await access(path, fileAccess.R_OK);
    const child = await this.start({ path, mediaType, limits: this.options.limits, hiddenSheets });
    const kill = (): boolean => child.kill('SIGKILL');
    const exited = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
    const watch = new ChildWatch(child.pid ?? 0, this.options, kill);
    const complaint = collectTail(child.stderr);
    signal?.addEventListener('abort', kill, { once: true });
    try {
      let last: ChildMessage | undefined;
      for await (last of messagesOf(child.stdout, this.options.limits.maxTextLength)) {
        if ('progress' in last) onProgress?.(last.progress);
        if (!('text' in last)) continue;
        watch.pause();
        yield last;
        watch.resume();
      }
      const exit = await exited;
      signal?.throwIfAborted();
      if (last !== undefined && 'end' in last) return;
      throw verdictOn(last, watch, complaint(), exit);
    } finally {
      watch.stop();
      signal?.removeEventListener('abort', kill);
      kill();
      await exited;
    }
  }

  private async start(request: ChildRequest): Promise<Child> {
    const { heapMegabytes, childFile } = this.options;
    const args = ['--no-warnings', `--max-old-space-size=${heapMegabytes}`, childFile, JSON.stringify(request)];
    const child = spawn(process.execPath, args, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    yieldToOthers(child.pid);
    return child;
  }
}

/** Answering a chat never waits for a document. */
function yieldToOthers(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The child has ended already.
  }
}

/** Keeps the end of what a child complains about; the given function returns it. */
function collectTail(stderr: Readable): () => string {
  let tail = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-stderrBytes);
  });
  return () => tail;
}

/** Why a child ended without `end`. */
function verdictOn(
  last: ChildMessage | undefined,
  watch: ChildWatch,
  complaint: string,
  [code, signal]: [code: number | null, signal: string | null],
): DocumentFailure {
  if (last !== undefined && 'failure' in last) return new DocumentFailure(last.failure, { cause: new Error(last.cause) });
  const cause = new Error(`The parser ended with ${signal ?? `code ${code}`}. ${complaint}`.trim());
  if (watch.verdict !== undefined) return new DocumentFailure(watch.verdict, { cause });
  return new DocumentFailure(/heap out of memory|Allocation failed/i.test(complaint) ? 'parse_memory' : 'parser_crashed', {
    cause,
  });
}
