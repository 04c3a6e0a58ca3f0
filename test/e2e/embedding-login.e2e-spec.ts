import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import { startLoginProvider, type ApiCall, type LoginProvider } from '../support/login-provider.js';

let provider: LoginProvider;
let bench: FilesBench;
let key: { readonly secret: string };
/** Calls for vectors that were answered. */
let answered = 0;
/** After so many the provider takes the token no more. */
let revokedAfter = Infinity;

function vectors({ path, text, response }: ApiCall): boolean {
  if (path !== 'POST /v1/embeddings') return false;
  const { input } = JSON.parse(text) as { input: string[] };
  const data = input.map((_text, index) => ({ index, embedding: [1, 0, index] }));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
  answered += 1;
  if (answered === revokedAfter) provider.revokeAccess();
  return true;
}

beforeAll(async () => {
  provider = await startLoginProvider(vectors);
  bench = await FilesBench.start();
  key = await bench.key();
  await bench.worker();
});
afterAll(async () => {
  await bench.close();
  await provider.close();
});
beforeEach(() => {
  provider.asked.length = 0;
  provider.calls.length = 0;
  answered = 0;
  revokedAfter = Infinity;
});

/** A file of more than twenty passages, embedded with the tokens of a login of its own, as it ended. */
async function embeddedFile(name: string) {
  const auth = { ...provider.auth, grant: 'client_credentials' };
  const connection = { tenant: 'acme', name, base_url: `${provider.url}/v1`, auth, embedding_batch_size: 4 };
  expect((await bench.platform.app.admin('POST', '/connections', connection)).status).toBe(201);
  await bench.dataset(name, 'acme', { embedding: { connection: name, model: 'embed-1' }, chunk_tokens: 64, overlap_tokens: 0 });
  const bytes = Array.from({ length: 120 }, (_unused, at) => `Sentence ${at} of ${name} tells of lamp number ${at}.\n`).join(
    '\n',
  );
  const { id } = await bench.accepted(key.secret, `/datasets/${name}/files`, { name: `${name}.txt`, bytes });
  return bench.ended(key.secret, id);
}

describe('a token that a provider takes no more while a file is embedded', () => {
  it('is renewed once, and the file goes on', async () => {
    revokedAfter = 2;
    expect(await embeddedFile('revoked')).toMatchObject({ status: 'ready', gt: { error: null } });
    expect(answered).toBeGreaterThan(3);
    expect(provider.asked).toHaveLength(2);
  });
});
