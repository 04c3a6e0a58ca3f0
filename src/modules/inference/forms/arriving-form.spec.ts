import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShareBudget } from '../../../kernel/share-budget.js';
import { IncomingParts } from '../../../platform/storage/incoming-parts.js';
import type { FormEdits } from '../call/request-form.js';
import { ArrivingForm } from './arriving-form.js';
import { FormLog } from './form-log.js';
import { loadPartHeadReader } from './part-head.js';

const folder = mkdtempSync(join(tmpdir(), 'arriving-form-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nears\r\n';
const fileHead = '--b\r\nContent-Disposition: form-data; name="file"; filename="talk.mp3"\r\n\r\n';
const edits: FormEdits = { of: () => undefined, added: () => [] };

/** A form that comes in these chunks, read until it can be sent. */
async function opened(...chunks: readonly string[]): Promise<ArrivingForm> {
  const rest = chunks.map((chunk) => Buffer.from(chunk));
  const form = new ArrivingForm({
    boundary: 'b',
    source: { next: () => Promise.resolve(rest.shift()) },
    log: new FormLog(new IncomingParts(folder), new ShareBudget(1024), 'ten_1'),
    readHead: await loadPartHeadReader(),
    namesModel: true,
    isHashed: false,
  });
  await form.opened();
  return form;
}

describe('the body of a form', () => {
  it('can be sent again as long as none of it has passed while it came', async () => {
    const form = await opened(`${model}${fileHead}one `, 'two ', 'three\r\n--b--\r\n');
    const body = form.body(edits);
    expect(body.isRepeatable).toBe(true);
    const first = body[Symbol.asyncIterator]();
    expect(await first.next()).toMatchObject({ done: false });
    await first.return?.();
    expect(body.isRepeatable).toBe(true);
    let sent = '';
    for await (const bytes of body) {
      sent += Buffer.from(bytes).toString();
      // What has come until now is kept; what comes from here on is not.
      if (sent.includes('two')) expect(body.isRepeatable).toBe(false);
    }
    expect(sent).toBe(`${model}${fileHead}one two three\r\n--b--\r\n`);
    expect(body.isRepeatable).toBe(false);
  });

  it('can be sent again always where the form was whole before', async () => {
    const form = await opened(`${model}${fileHead}one\r\n--b--\r\n`);
    const body = form.body(edits);
    for (const _time of [1, 2]) {
      let sent = '';
      for await (const bytes of body) sent += Buffer.from(bytes).toString();
      expect(sent).toBe(`${model}${fileHead}one\r\n--b--\r\n`);
      expect(body.isRepeatable).toBe(true);
    }
  });
});
