import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { areAlike } from '../support/admin.js';
import type { ApiReply } from '../support/app.js';
import { pdfWith, pdfWithoutText } from '../support/documents.js';
import { FilesBench } from '../support/files.js';

interface TestKey {
  readonly id: string;
  readonly secret: string;
}

type Wire = (typeof wires)[number];
type Door = (typeof doors)[number];

const wires = ['openai', 'chat', 'responses'] as const;
const doors = ['/responses', '/chat/completions'] as const;
const cases = wires.flatMap((wire) => doors.map((door): [Wire, Door] => [wire, door]));

let bench: FilesBench;
const owners = {} as Record<Wire, TestKey>;
const notes = {} as Record<Wire, FileObject>;
const papers = {} as Record<Wire, FileObject>;

/** A text of several passages. */
const text = Array.from({ length: 120 }, (_none, at) => `Line ${at}: the crane of quay ${at * 31} lifts.`).join('\n');

beforeAll(async () => {
  bench = await FilesBench.start({ GT_MAX_JSON_BYTES: '40000' });
  await bench.worker();
  const paper = new Uint8Array(await pdfWith([['The lighthouse is blue.']]));
  const prepared = wires.map(async (wire) => {
    const tenant = await bench.otherTenant(`naming-${wire}`);
    await bench.platform.factory.wire(tenant, wire);
    const owner = await bench.key({ tenant: tenant.slug });
    owners[wire] = owner;
    [notes[wire], papers[wire]] = await Promise.all([
      uploaded(owner, { name: 'notes.txt', bytes: text }),
      uploaded(owner, { name: 'paper.pdf', bytes: paper }),
    ]);
  });
  await Promise.all(prepared);
});
afterAll(() => bench.close());

/** A file of a conversation of this key, ready. */
async function uploaded(key: TestKey, content: { name: string; bytes: string | Uint8Array<ArrayBuffer> }): Promise<FileObject> {
  const { id } = await bench.accepted(key.secret, '/conversations/files', content);
  return bench.ended(key.secret, id);
}

/** What a client says that names a file. */
function naming(door: Door, fileId: string, said = '[[show-request]] Read it.'): object {
  return door === '/responses'
    ? {
        model: 'assistant',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: said },
              { type: 'input_file', file_id: fileId },
            ],
          },
        ],
      }
    : {
        model: 'assistant',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: said },
              { type: 'file', file: { file_id: fileId } },
            ],
          },
        ],
      };
}

const paramOf = (door: Door) => (door === '/responses' ? 'input[0].content[1].file_id' : 'messages[0].content[1].file.file_id');

const ask = (key: TestKey, door: Door, fileId: string, further: object = {}): Promise<ApiReply> =>
  bench.call(key.secret, 'POST', door, { ...naming(door, fileId), ...further });

/** The request that the provider got, which the sandbox repeats. */
function sent({ status, body }: ApiReply): { text: string; parts: Record<string, unknown>[] } {
  expect(status).toBe(200);
  const repeated: string = body.choices?.[0].message.content ?? body.output.at(-1).content[0].text;
  const { messages, input } = JSON.parse(repeated) as Record<string, { role: string; content: unknown }[] | undefined>;
  const parts = (messages ?? input ?? []).flatMap(({ role, content }) =>
    role === 'user' && Array.isArray(content) ? (content as Record<string, unknown>[]) : [],
  );
  return { text: repeated, parts };
}

describe.each(cases)('over %s, a file that is named on %s', (wire, door) => {
  it('is put in as its text, and its id goes to nobody', async () => {
    const { parts, text: request } = sent(await ask(owners[wire], door, notes[wire].id));
    expect(parts[1]?.['text']).toBe(`File "notes.txt":\n\n${text}`);
    expect(request).not.toContain('file_id');
    expect(request).not.toContain(notes[wire].id);
  });

  it('is put in where it is the tenant’s: a text as it is, and what is not read is told', async () => {
    const { secret } = owners[wire];
    const stored = async (name: string, bytes: string | Uint8Array<ArrayBuffer>): Promise<string> =>
      (await bench.upload(secret, '/files', { name, bytes, fields: { purpose: 'user_data' } })).body.id as string;
    const { parts } = sent(await ask(owners[wire], door, await stored('notes.md', 'Ahoi, Störtebeker.')));
    expect(parts[1]?.['text']).toBe('File "notes.md":\n\nAhoi, Störtebeker.');
    const refused = await ask(
      owners[wire],
      door,
      await stored('a.zip', new Uint8Array(Buffer.from('504b0304000000000000', 'hex'))),
    );
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'invalid_value', paramOf(door)]);
  });

  it('is put in as a document where the wire has a form for it, else as its text', async () => {
    const { parts } = sent(await ask(owners[wire], door, papers[wire].id));
    const part = parts[1] ?? {};
    if (wire === 'chat') {
      expect(part).toEqual({ type: 'text', text: expect.stringContaining('The lighthouse is blue.') });
      return;
    }
    const { filename, file_data: data } = (part['file'] ?? part) as { filename: string; file_data: string };
    expect([part['type'], filename]).toEqual([wire === 'openai' && door !== '/responses' ? 'file' : 'input_file', 'paper.pdf']);
    expect(Buffer.from(data.replace('data:application/pdf;base64,', ''), 'base64').toString('latin1')).toMatch(/^%PDF/);
  });

  it('is streamed about like any other', async () => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${owners[wire].secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...naming(door, notes[wire].id, 'Hello.'), stream: true }),
    };
    const streamed = await (await fetch(bench.url + door, init)).text();
    expect(streamed).toMatch(door === '/responses' ? /response\.completed/ : /data: \[DONE\]/);
  });

  it('is unknown to other keys, and to those that may see but not read it', async () => {
    const tenant = `naming-${wire}`;
    const handbook = await bench.dataset(`for-${door.slice(1, 5)}`, tenant);
    const uploader = await bench.key({ tenant, purpose: 'upload', scopes: ['datasets:write'] });
    const page = await bench.accepted(uploader.secret, `/datasets/${handbook.id}/files`, { name: 'page.txt', bytes: 'A page.' });
    await bench.ended(uploader.secret, page.id);
    const colleague = await bench.key({ tenant, scopes: ['inference:chat', 'conversations:read', 'files:read'] });
    const elsewhere = await bench.key({
      tenant,
      scopes: ['inference:chat', 'datasets:read'],
      purpose: 'inference',
      datasets: [],
    });
    const stranger = await bench.key();
    const reader = await bench.key({ tenant });
    for (const key of [colleague, elsewhere, stranger]) {
      for (const id of [notes[wire].id, page.id]) {
        const absent = `file-${'0'.repeat(id.length - 5)}`;
        const replies = [await ask(key, door, id), await ask(key, door, absent)];
        for (const reply of replies)
          expect([reply.status, reply.body.error.code, reply.body.error.param]).toEqual([404, 'not_found', paramOf(door)]);
        expect(areAlike(replies.map((reply) => masked(reply, [id, absent])))).toBe(true);
      }
    }
    expect(sent(await ask(reader, door, page.id)).text).toContain('A page.');
    expect((await ask(reader, door, notes[wire].id)).status).toBe(404);
  });

  it('that is not ready yet, could not be read, is too large or is deleted is an error that says so', async () => {
    const owner = owners[wire];
    const waiting = await uploaded(owner, { name: 'waiting.txt', bytes: 'Soon.' });
    await setState(waiting.id, { state: 'parsed' });
    const early = await ask(owner, door, waiting.id);
    expect([early.status, early.body.error.code, early.headers.get('retry-after')]).toEqual([409, 'conflict', '2']);
    expect(early.body.error.message).toContain('still being processed');
    await setState(waiting.id, { state: 'failed', errorMessage: 'It has no text.' });
    const failed = await ask(owner, door, waiting.id);
    expect([failed.status, failed.body.error.code]).toEqual([400, 'invalid_value']);
    expect(failed.body.error.message).toContain('It has no text.');
    const large = await uploaded(owner, { name: 'large.txt', bytes: `${text}\n`.repeat(8) });
    const refused = await ask(owner, door, large.id);
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
      400,
      'context_length_exceeded',
      paramOf(door),
    ]);
    const { conversation_id: conversation } = waiting.gt;
    expect((await bench.call(owner.secret, 'DELETE', `/conversations/${conversation}/files/${waiting.id}`)).status).toBe(200);
    const deleted = await ask(owner, door, waiting.id);
    expect([deleted.status, deleted.body.error.code]).toEqual([404, 'not_found']);
  });

  it('is kept in a conversation as its id alone, read again in each turn, and told to be gone when it is', async () => {
    const owner = owners[wire];
    const file = await uploaded(owner, { name: 'tide.txt', bytes: 'High tide is at seven.' });
    const { body: conversation } = await bench.call(owner.secret, 'POST', '/conversations', {});
    const turn = (body: object) => turnOf(owner, door, conversation.id, body);
    await turn(naming(door, file.id, '[[huge:3]] Read it.'));
    const items = await bench.call(owner.secret, 'GET', `/conversations/${conversation.id}/items?order=asc`);
    expect(items.body.data[0].content[1]).toMatchObject({ type: 'input_file', file_id: file.id });
    expect(JSON.stringify(items.body)).not.toContain('High tide');
    const further =
      door === '/responses'
        ? { model: 'assistant', input: '[[show-request]] And then?' }
        : { model: 'assistant', messages: [{ role: 'user', content: '[[show-request]] And then?' }] };
    const next = sent(await turn(further));
    expect(next.text).toContain('High tide is at seven.');
    expect(next.text).not.toContain(file.id);
    await bench.call(owner.secret, 'DELETE', `/conversations/${file.gt.conversation_id}/files/${file.id}`);
    // The sandbox's own answer before this one repeats the file: only what the user said counts.
    const last = JSON.stringify(sent(await turn(further)).parts);
    expect(last).toContain('no longer available');
    expect(last).not.toContain('High tide is at seven.');
    expect(last).not.toContain(file.id);
  });
});

describe.each(wires)('over %s, a response that names a file', (wire) => {
  it('is kept with its id, and the file is read again for the next one of the chain', async () => {
    const owner = owners[wire];
    const first = await ask(owner, '/responses', notes[wire].id);
    const items = await bench.call(owner.secret, 'GET', `/responses/${first.body.id}/input_items`);
    expect(items.body.data[0].content[1]).toMatchObject({ type: 'input_file', file_id: notes[wire].id });
    const rows = await bench.platform.factory.run((tx) => tx.responseItem.findMany({ where: { keyId: owner.id } }));
    const asked = rows.filter(({ item }) => item.includes('"role":"user"'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.some(({ item }) => item.includes('the crane of quay'))).toBe(false);
    const next = await bench.call(owner.secret, 'POST', '/responses', {
      model: 'assistant',
      input: '[[show-request]] Go on.',
      previous_response_id: first.body.id,
    });
    expect(sent(next).text).toContain('Line 119');
  });

  it('may name it in the output of a tool, and is counted with it', async () => {
    const call = { type: 'function_call', call_id: 'call_a', name: 'read', arguments: '{}' };
    const output = [{ type: 'input_file', file_id: notes[wire].id }];
    const input = [
      { role: 'user', content: '[[show-request]] Go' },
      call,
      { type: 'function_call_output', call_id: 'call_a', output },
    ];
    const reply = await bench.call(owners[wire].secret, 'POST', '/responses', { model: 'assistant', input });
    expect(sent(reply).text).toContain('Line 119');
    const count = async (given: unknown): Promise<number> => {
      const counted = await bench.call(owners[wire].secret, 'POST', '/responses/input_tokens', {
        model: 'assistant',
        input: given,
      });
      expect(counted.status).toBe(200);
      return counted.body.input_tokens;
    };
    expect(await count(input)).toBeGreaterThan((await count('Go')) + 500);
  });
});

it('a PDF without a text goes to a provider that reads PDFs itself, and to no other', async () => {
  for (const wire of ['openai', 'chat'] as const) {
    const scan = await uploaded(owners[wire], { name: 'scan.pdf', bytes: new Uint8Array(await pdfWithoutText()) });
    const reply = await ask(owners[wire], '/responses', scan.id);
    expect(reply.status).toBe(wire === 'openai' ? 200 : 400);
  }
});

it('an image goes as a data URL', async () => {
  const owner = owners.openai;
  const file = await uploaded(owner, { name: 'picture.txt', bytes: 'no picture' });
  await setState(file.id, { mediaType: 'image/png' });
  const input = [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: '[[show-request]]' },
        { type: 'input_image', file_id: file.id, detail: 'low' },
      ],
    },
  ];
  const reply = await bench.call(owner.secret, 'POST', '/responses', { model: 'assistant', input });
  const image_url = `data:image/png;base64,${Buffer.from('no picture').toString('base64')}`;
  expect(sent(reply).parts[1]).toEqual({ type: 'input_image', image_url, detail: 'low' });
});

it('a file is unknown where its tenant has switched off what it belongs to', async () => {
  const tenant = await bench.otherTenant('switched');
  const owner = await bench.key({ tenant: tenant.slug });
  const file = await uploaded(owner, { name: 'a.txt', bytes: 'A text.' });
  expect((await ask(owner, '/responses', file.id)).status).toBe(200);
  const off = await bench.platform.app.admin('PATCH', '/tenants/switched', { routes_off: ['conversations'] });
  expect(off.status).toBe(200);
  await bench.eventually(async () => expect((await ask(owner, '/responses', file.id)).status).toBe(404));
});

it('files at other places of a request are unknown still', async () => {
  const { secret } = owners.openai;
  const { id } = notes.openai;
  for (const [door, body, param] of [
    [
      '/responses',
      { input: 'Hi', tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [id] } }] },
      'tools[0].container.file_ids[0]',
    ],
    [
      '/chat/completions',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { file_id: id } }] }] },
      'messages[0].content[0].image_url.file_id',
    ],
  ] as const) {
    const refused = await bench.call(secret, 'POST', door, { model: 'assistant', ...body });
    expect([refused.status, refused.body.error.param]).toEqual([404, param]);
  }
});

/** What a reply says, whichever of these ids it names. */
function masked(reply: ApiReply, ids: readonly string[]): ApiReply {
  const said = ids.reduce((told, id) => told.replaceAll(id, 'ID'), JSON.stringify(reply.body));
  return { ...reply, body: JSON.parse(said) };
}

async function setState(id: string, data: object): Promise<void> {
  await bench.platform.factory.run((tx) => tx.file.updateMany({ where: { id }, data }));
}

async function turnOf(key: TestKey, door: Door, conversationId: string, body: object): Promise<ApiReply> {
  const answer = await fetch(bench.url + door, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.secret}`,
      'content-type': 'application/json',
      'x-gt-conversation-id': conversationId,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}
