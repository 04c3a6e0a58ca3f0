import { access, constants as fileAccess } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ChildMessage, ChildRequest } from './child-protocol.js';
import { ChildWatch, type ChildLimits } from './child-watch.js';
import type { Chunk, ChunkOptions } from './chunker.js';
import type { ChildProgram, DocumentChild } from './document-child.js';
import { DocumentChildren, type ChildLife } from './document-children.js';
import { DocumentFailure } from './document-failure.js';
import type { Recognition } from './parser-input.js';
import { defaultParseLimits, type ParseLimits } from './parse-limits.js';
import type { DocumentForm } from './reader-replies.js';
import type { Section } from './section.js';

export interface DocumentParserOptions extends ChildLimits, ChildProgram, ChildLife {
  readonly limits: ParseLimits;
  /** In place of the others' while text is recognized, in milliseconds. */
  readonly recognition: Pick<ChildLimits, 'timeoutMs' | 'silentMs'>;
}

export interface ParseCall {
  /** Whose document it is, a tenant's id: a process that has read it reads no other owner's afterwards. */
  readonly owner?: string;
  /** Ends the child; the signal's reason is then thrown. */
  readonly signal?: AbortSignal;
  /** Called with 0 to 100, each once and rising. */
  readonly onProgress?: (percent: number) => void;
  /** Reads the hidden sheets of a workbook, too; by default they are left out. */
  readonly hiddenSheets?: boolean;
  /** What becomes of pages of a PDF without text, see `ParserInput`. By default nothing. */
  readonly recognition?: Recognition | undefined;
}

/** What a child says of the document itself. */
type Content = Section | { readonly chunk: Chunk };

const mebibyte = 1024 * 1024;

const defaults: DocumentParserOptions = {
  limits: defaultParseLimits,
  timeoutMs: 300_000,
  silentMs: 25_000,
  recognition: { timeoutMs: 2_400_000, silentMs: 60_000 },
  maxResidentBytes: 1024 * mebibyte,
  heapMegabytes: 512,
  childFile: fileURLToPath(new URL('./child.js', import.meta.url)),
  maxDocuments: 1_000,
  keptResidentBytes: 256 * mebibyte,
  idleMs: 60_000,
};

/**
 * Reads documents, each in a process that reads nothing else meanwhile: a document that crashes its parser, never ends
 * or eats memory fails alone. A process that has read its document well reads the same owner's next one, with
 * limits that start over; any other is killed.
 */
export class DocumentParser {
  private readonly options: DocumentParserOptions;
  private readonly children: DocumentChildren;

  constructor(options: Partial<DocumentParserOptions> = {}) {
    this.options = { ...defaults, ...options };
    this.children = new DocumentChildren(this.options);
  }

  /**
   * The sections of a document on the local disk, in their order, as they are read: a slow reader slows the child. Only
   * when the last one has come is the document whole; leaving the loop early ends the child.
   * @throws DocumentFailure when the document cannot be read, the signal's reason when it is aborted, Error when the
   * file cannot be opened or no process be started.
   */
  async *parse(path: string, mediaType: DocumentForm, call: ParseCall = {}): AsyncGenerator<Section> {
    const { hiddenSheets = false, recognition } = call;
    const content = this.run({ path, mediaType, limits: this.options.limits, hiddenSheets, recognition }, call);
    for await (const message of content) if ('text' in message) yield message;
  }

  /**
   * The chunks of a document, cut and counted in the child too: whatever they cost, this process stays responsive. Otherwise as
   * `parse`.
   */
  async *chunks(path: string, mediaType: DocumentForm, chunking: ChunkOptions, call: ParseCall = {}): AsyncGenerator<Chunk> {
    const { hiddenSheets = false, recognition } = call;
    const content = this.run({ path, mediaType, limits: this.options.limits, hiddenSheets, recognition, chunking }, call);
    for await (const message of content) if ('chunk' in message) yield message.chunk;
  }

  private async *run(request: ChildRequest, { owner, signal, onProgress }: ParseCall): AsyncGenerator<Content> {
    signal?.throwIfAborted();
    await access(request.path, fileAccess.R_OK);
    const child = await this.children.take(owner);
    const kill = (): void => child.kill();
    const isRecognizing = typeof request.recognition === 'object';
    const watch = new ChildWatch(child, isRecognizing ? { ...this.options, ...this.options.recognition } : this.options);
    signal?.addEventListener('abort', kill, { once: true });
    let last: ChildMessage | undefined;
    try {
      let length = 0;
      for await (last of child.read(request)) {
        watch.heard();
        if ('progress' in last) onProgress?.(last.progress);
        if (!('text' in last || 'chunk' in last)) continue;
        length += lengthOf(last);
        if (length > this.options.limits.maxTextLength) throw new DocumentFailure('too_large_uncompressed');
        watch.pause();
        yield last;
        watch.resume();
      }
      if (last === undefined || !('end' in last)) throw await verdictOn(last, watch, child, signal);
    } finally {
      watch.stop();
      signal?.removeEventListener('abort', kill);
      const isHealthy = last !== undefined && 'end' in last && signal?.aborted !== true;
      await (isHealthy ? this.children.giveBack(child, owner) : child.end());
    }
  }
}

/** Chunks repeat at most as much again of what stands before them. */
function lengthOf(content: Content): number {
  return 'text' in content ? content.text.length : content.chunk.text.length / 2;
}

/** Why a child did not come to the end of its document. */
async function verdictOn(
  last: ChildMessage | undefined,
  watch: ChildWatch,
  child: DocumentChild,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (last !== undefined && 'failure' in last) return new DocumentFailure(last.failure, { cause: new Error(last.cause) });
  const cause = await child.cause();
  if (signal?.aborted === true) return signal.reason;
  if (watch.verdict !== undefined) return new DocumentFailure(watch.verdict, { cause });
  const code = /heap out of memory|Allocation failed/i.test(cause.message) ? 'parse_memory' : 'parser_crashed';
  return new DocumentFailure(code, { cause });
}
