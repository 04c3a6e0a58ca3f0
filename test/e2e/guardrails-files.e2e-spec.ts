import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import { startFormProvider, type FormProvider } from '../support/form-provider.js';
import type { SeededKey } from '../support/platform.js';
import { post } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';

const mail = 'alice.liddell@example.com';
const mask = { module: 'pii', action: 'mask' };

let bench: FilesBench;
let provider: FormProvider;

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.worker();
  provider = await startFormProvider();
  await publishOn(bench.platform, provider.url, 'ears');
});
afterAll(async () => {
  await provider.close();
  await bench.close();
});

const keyWith = (...guardrails: object[]): Promise<SeededKey> =>
  bench.platform.factory.key(bench.platform.acme, { promptPolicy: { guardrails } });

describe('a form', () => {
  it('goes out with its fields masked, before its file and behind it, and all else as it came', async () => {
    const key = await keyWith(mask);
    const form = new FormData();
    form.append('model', 'ears');
    form.append('prompt', `Names: ${mail}, Bob`);
    form.append('file', new Blob([`sound ${mail}\r\n`.repeat(10_000)]), 'talk.mp3');
    form.append('further', `Also ${mail}`);
    form.append('language', 'en');
    const url = `${bench.url}/audio/transcriptions`;
    const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key.secret}` }, body: form });
    expect(answer.status).toBe(200);
    const sent = provider.last().body().toString();
    expect(sent).toMatch(/name="prompt"\r\n\r\nNames: \[EMAIL_\w{6}\], Bob\r\n/);
    expect(sent).toMatch(/name="further"\r\n\r\nAlso \[EMAIL_\w{6}\]\r\n/);
    expect(sent).toContain(`sound ${mail}\r\n`.repeat(10_000));
    expect(sent).toContain('name="language"\r\n\r\nen\r\n');
  });
});

describe('a file that a request names', () => {
  const naming = (id: string, key: SeededKey) =>
    post({
      url: `${bench.url}/responses`,
      secret: key.secret,
      body: {
        model: 'assistant',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: '[[show-request]] Read it.' },
              { type: 'input_file', file_id: id },
            ],
          },
        ],
      },
    });
  const uploaded = async (key: SeededKey): Promise<string> => {
    const { id } = await bench.accepted(key.secret, '/conversations/files', { name: 'notes.txt', bytes: `Ask ${mail} at noon.` });
    await bench.ended(key.secret, id);
    return id;
  };

  it('is put in masked', async () => {
    const key = await keyWith(mask);
    const text = await (await naming(await uploaded(key), key)).text();
    expect(text).toMatch(/Ask \[EMAIL_\w{6}\] at noon/);
    expect(text).not.toContain(mail);
  });

  it('is refused for a term, and counts among the tokens', async () => {
    const blocking = await keyWith({ module: 'blocked_terms', terms: ['noon'] });
    expect((await naming(await uploaded(blocking), blocking)).status).toBe(400);
    const limited = await keyWith({ module: 'max_input_tokens', tokens: 12 });
    const refused = await naming(await uploaded(limited), limited);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('(max_input_tokens)')]);
  });
});
