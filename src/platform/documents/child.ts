import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ChildRequest } from './child-protocol.js';
import { DocumentFailure } from './document-failure.js';
import { parseDocument } from './parse-document.js';
import { SectionWriter } from './section-writer.js';

/*
 * The process that reads one document and ends. Its parent is `DocumentParser`; the lines between them are
 * `child-protocol.ts`. Nothing here may touch process.stdout: that would make the pipe non-blocking.
 */
const request = JSON.parse(process.argv[2] ?? '') as ChildRequest;
const writer = new SectionWriter(1);

new Worker(new URL('./orphan-watch.js', import.meta.url), { stdin: false, stdout: true, stderr: true }).unref();
dieFirst();

try {
  const { mediaType, ...input } = request;
  for await (const section of parseDocument(mediaType, { ...input, onProgress: (percent) => writer.progress(percent) })) {
    writer.add(section);
  }
  writer.finish({ end: true });
} catch (error) {
  if (!(error instanceof DocumentFailure)) throw error;
  writer.finish({ failure: error.code, cause: String(error.cause ?? '').slice(0, 1_000) });
}
process.exit(0);

/** When the machine runs out of memory, the system shall end this process and not the database. */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has this.
  }
}
