import { randomBase62 } from '../../kernel/ids.js';
import type { StreamedBody } from '../../platform/upstream/upstream-call.js';

/** What a file is for at its provider. */
export type FilePurpose = 'batch' | 'fine-tune';

/** A form with one file in it, which comes as it is read. */
export interface FileForm {
  readonly contentType: string;
  readonly body: StreamedBody;
}

/** The form of `POST /files`. The names are the platform's own: nothing in them needs to be escaped. */
export function fileForm(purpose: FilePurpose, filename: string, content: AsyncIterable<Uint8Array>): FileForm {
  const boundary = `gt${randomBase62(40)}`;
  const first = `--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n`;
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: application/jsonl\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: bodyOf(first + head, content, `\r\n--${boundary}--\r\n`),
  };
}

async function* bodyOf(before: string, content: AsyncIterable<Uint8Array>, behind: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(before);
  yield* content;
  yield Buffer.from(behind);
}
