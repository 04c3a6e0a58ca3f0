import { parentPort, workerData } from 'node:worker_threads';
import { MemorySearcher, type MemorySearcherOptions } from './memory-searcher.js';
import type { ThreadAnswer, ThreadReply, ThreadRequest } from './thread-messages.js';

/*
 * The thread of search in memory: comparing many vectors takes tens of milliseconds, which would hold up every other call of
 * the process. `memory-vector-search.ts` starts it and speaks with it.
 */
const port = parentPort;
if (port === null) throw new Error('vector-thread is started by memory-vector-search.ts alone.');
const searcher = new MemorySearcher(workerData as MemorySearcherOptions);

async function answer(request: Exclude<ThreadRequest, { kind: 'close' }>): Promise<ThreadAnswer> {
  const { tenantId } = request;
  try {
    if (request.kind === 'recall') return { recall: await searcher.recall(tenantId, request.of, request.questions) };
    const { scope, query, limit } = request;
    return { hits: await searcher.nearest(tenantId, scope, query, limit) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: ThreadRequest) => {
  if (request.kind === 'close') {
    port.close();
    void searcher.close();
    return;
  }
  void answer(request).then((told) => {
    port.postMessage({ ...told, id: request.id, bytes: searcher.bytes } satisfies ThreadReply);
  });
});
