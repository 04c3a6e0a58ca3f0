import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { chunkSections } from './chunker.js';
import { requestDescriptor, type ChildRequest } from './child-protocol.js';
import { DocumentFailure } from './document-failure.js';
import { parseDocument } from './parse-document.js';
import { SectionWriter } from './section-writer.js';

/*
 * The process that reads documents, one after another, and cuts them into chunks. Its parent is `DocumentChild`; the
 * lines between them are `child-protocol.ts`. Between two documents nothing stays but the loaded libraries. Nothing
 * here may touch process.stdout: that would make the pipe non-blocking.
 */
new Worker(new URL('./orphan-watch.js', import.meta.url), { stdin: false, stdout: true, stderr: true }).unref();
dieFirst();
// A document must not give all objects, and so the next document's, a further property.
Object.preventExtensions(Object.prototype);

const requests = createInterface({ input: new Socket({ fd: requestDescriptor, readable: true, writable: false }) });
for await (const line of requests) await read(JSON.parse(line) as ChildRequest);

async function read({ mediaType, chunking, recognition, ...input }: ChildRequest): Promise<void> {
  const writer = new SectionWriter(1);
  try {
    const sections = parseDocument(mediaType, {
      ...input,
      recognition,
      onAlive: () => writer.alive(),
      onProgress: (percent) => writer.progress(percent),
    });
    if (chunking === undefined) for await (const section of sections) writer.add(section);
    else for await (const chunk of chunkSections(sections, chunking)) writer.chunk(chunk);
    writer.finish({ end: true });
  } catch (error) {
    if (!(error instanceof DocumentFailure)) throw error;
    writer.finish({ failure: error.code, cause: String(error.cause ?? '').slice(0, 1_000) });
  }
}

/** When the machine runs out of memory, the system shall end this process and not the database. */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has this.
  }
}
