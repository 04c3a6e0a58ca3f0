import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  targetsOf,
  VectorSearch,
  type RecallSample,
  type VectorHit,
  type VectorKind,
  type VectorScope,
} from '../vector-search.js';
import type { MemorySearcherOptions } from './memory-searcher.js';
import type { ThreadReply, ThreadRequest } from './thread-messages.js';

export interface MemoryVectorSearchOptions extends MemorySearcherOptions {
  /** The compiled `vector-thread`, when it is not the one next to this file. */
  readonly thread?: URL;
}

interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: Error) => void;
}

const closingMs = 2_000;

/**
 * A thread is started from JavaScript. When the sources themselves run, as in the tests, that is the one which the last
 * build made of them.
 */
function builtThread(): URL {
  const path = import.meta.url.endsWith('.ts') ? '../../../../dist/platform/vectors/memory/' : './';
  return new URL(`${path}vector-thread.js`, import.meta.url);
}

/**
 * Search over the stored vectors in memory, for databases without pgvector. Its thread, with its connections and
 * its memory, starts with the first search; one that ended unexpectedly is started anew by the next.
 */
export class MemoryVectorSearch extends VectorSearch {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private searches = 0;
  private closed = false;
  private bytes = 0;

  constructor(private readonly options: MemoryVectorSearchOptions) {
    super();
  }

  /** True once a search has started the thread. */
  get started(): boolean {
    return this.worker !== undefined;
  }

  get memoryBytes(): number {
    return this.bytes;
  }

  async nearest(tenantId: string, scope: VectorScope, query: readonly number[], limit: number): Promise<readonly VectorHit[]> {
    if (this.closed) throw new Error('The vector search is closed.');
    if (limit <= 0 || query.length === 0 || targetsOf(scope).length === 0) return [];
    const reply = await this.ask((id) => ({ kind: 'nearest', id, tenantId, scope, query: Float32Array.from(query), limit }));
    return 'hits' in reply ? reply.hits : [];
  }

  async recall(tenantId: string, kind: VectorKind, questions: number): Promise<RecallSample | null> {
    if (this.closed) throw new Error('The vector search is closed.');
    const reply = await this.ask((id) => ({ kind: 'recall', id, tenantId, of: kind, questions }));
    return 'recall' in reply ? reply.recall : null;
  }

  async close(): Promise<void> {
    this.closed = true;
    const worker = this.worker;
    if (worker === undefined) return;
    const ended = once(worker, 'exit');
    worker.postMessage({ kind: 'close' } satisfies ThreadRequest);
    const late = setTimeout(() => void worker.terminate(), closingMs);
    await ended;
    clearTimeout(late);
  }

  private async ask(request: (id: number) => ThreadRequest): Promise<ThreadReply> {
    const id = (this.searches += 1);
    const worker = (this.worker ??= this.start());
    return new Promise<ThreadReply>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage(request(id));
    });
  }

  private start(): Worker {
    const { thread = builtThread(), ...options } = this.options;
    const worker = new Worker(thread, {
      workerData: options satisfies MemorySearcherOptions,
      name: 'gt-vectors',
    });
    let reason: unknown;
    worker.on('message', (reply: ThreadReply) => this.settle(reply));
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', () => {
      if (this.worker === worker) {
        this.worker = undefined;
        this.bytes = 0;
      }
      for (const { reject } of this.waiting.values())
        reject(new Error('The thread of the vector search ended.', { cause: reason }));
      this.waiting.clear();
    });
    return worker;
  }

  private settle(reply: ThreadReply): void {
    this.bytes = reply.bytes;
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    // A thread that rests keeps no process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    if (!('failure' in reply)) waiting?.resolve(reply);
    else waiting?.reject(new Error(`The vector search failed: ${reply.failure}`));
  }
}
