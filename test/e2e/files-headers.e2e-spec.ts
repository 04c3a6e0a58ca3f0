import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { maxBodyBytes } from '../../src/http/uploads/multipart-headers.js';
import { uploadBounds } from '../../src/http/uploads/upload-bounds.js';
import { expectError } from '../support/envelope.js';
import { FilesBench } from '../support/files.js';
import { bearer } from '../support/matrix.js';
import { RawConnection, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

const maxFileBytes = 64 * 1024;
const maxBytes = maxBodyBytes(uploadBounds({ GT_MAX_FILE_BYTES: maxFileBytes }));
const form = ['Content-Type', 'multipart/form-data; boundary=b'] as const;

let bench: FilesBench;
const secrets: Record<'any' | 'full' | 'stranger', string> = { any: '', full: '', stranger: '' };

beforeAll(async () => {
  bench = await FilesBench.start({ GT_MAX_FILE_BYTES: String(maxFileBytes) });
  secrets.any = (await bench.key()).secret;
  secrets.full = (await bench.key({ limits: { stored_bytes: 1 } })).secret;
  secrets.stranger = (await bench.key({ datasets: ['another'] })).secret;
});
afterAll(() => bench.close());

/** The answer to headers alone: nothing of the body is ever sent. */
async function answerToHeaders(path: string, secret: string, headers: HeaderList): Promise<RawReply> {
  const connection = new RawConnection(bench.platform.app.url);
  try {
    await connection.send(requestBytes('POST', `/api/tenant/v1${path}`, [['Host', 'x'], ...bearer(secret), ...headers]));
    return await connection.reply();
  } finally {
    connection.destroy();
  }
}

const tooLarge: HeaderList = [form, ['Content-Length', String(maxBytes + 1)]];
const places: readonly (readonly [string, string, keyof typeof secrets])[] = [
  ['a dataset that may be used', '/datasets/handbook/files', 'any'],
  ['a dataset that is absent', '/datasets/nowhere/files', 'any'],
  ['a dataset that may not be used', '/datasets/handbook/files', 'stranger'],
  ['a dataset, by a key without room', '/datasets/handbook/files', 'full'],
  ['a conversation', '/conversations/files', 'any'],
];

describe('the headers of an upload', () => {
  it.each(places)('that declare too long a body are answered 413 before limits and targets: to %s', async (_to, path, key) => {
    const reply = await answerToHeaders(path, secrets[key], tooLarge);
    expectError(reply, { status: 413, type: 'invalid_request_error', code: 'payload_too_large', param: 'file' });
    expect(reply.json.error.message).toContain(String(maxFileBytes));
  });

  it.each(places)('that declare no form are answered 415 before limits and targets: to %s', async (_to, path, key) => {
    const types: readonly HeaderList[] = [[['Content-Type', 'text/plain']], [['Content-Type', 'application/json']], []];
    for (const type of types) {
      const reply = await answerToHeaders(path, secrets[key], [...type, ['Content-Length', '10']]);
      expectError(reply, { status: 415, type: 'invalid_request_error', code: 'unsupported_media_type' });
    }
  });

  it('that declare the longest body are no reason to refuse it', async () => {
    const declared: HeaderList = [form, ['Content-Length', String(maxBytes)]];
    const answers = await Promise.all([
      answerToHeaders('/datasets/handbook/files', secrets.full, declared),
      answerToHeaders('/datasets/nowhere/files', secrets.any, declared),
      answerToHeaders('/datasets/handbook/files', secrets.stranger, declared),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([429, 404, 403]);
  });
});
