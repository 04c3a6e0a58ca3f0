import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import {
  answered,
  fieldPart,
  filePart,
  formHeaders,
  formOf,
  startFormProvider,
  type FormProvider,
  type FormScript,
} from '../support/form-provider.js';
import { faultsOf } from '../support/openai-schema.js';
import type { SeededKey } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { RawConnection, requestBytes, type HeaderList } from '../support/raw-http.js';
import { dataLines, until, untilPublished } from '../support/relay.js';
import { publishOn } from '../support/scripted-provider.js';
import { startUsageBench, type UsageBench } from '../support/usage-fixture.js';
import { waveFile } from '../support/wave-file.js';

const mebibyte = 1024 * 1024;
const sound = randomBytes(300_000);

let bench: UsageBench;
let provider: FormProvider;
let secret: string;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(runFolder(), 'forms-'));
  bench = await startUsageBench({ GT_DATA_DIR: dataDir });
  provider = await startFormProvider();
  const { platform } = bench;
  const tenant = await publishOn(platform, provider.url, 'ears');
  const hears = (further: object = {}) => ({
    models: {
      transcribe: { connection: tenant.connectionId, model: 'whisper-9' },
      image: { connection: tenant.connectionId, model: 'dall-e-2', size: '512x512' },
    },
    ...further,
  });
  const { factory } = platform;
  await factory.alias(
    tenant,
    'tuned',
    hears({ parameters: { language: 'de', temperature: 0.5, include: ['logprobs'] }, pinned: ['language'] }),
  );
  const talks = {
    parameters: {
      ...{ response_format: { type: 'json_object' }, include: ['reasoning.encrypted_content'], temperature: 0.5 },
      ...{ language: 'de', timestamp_granularities: ['word'], known_speaker_names: 'agent' },
    },
    pinned: ['response_format', 'include', 'temperature', 'known_speaker_names'],
  };
  const { transcribe, image } = hears().models;
  const chat = { connection: tenant.connectionId, model: 'big' };
  await factory.alias(tenant, 'talker', { models: { transcribe, image, chat }, ...talks });
  await factory.alias(tenant, 'pinner', { models: { transcribe, chat }, pinned: ['response_format', 'include', 'language'] });
  await factory.alias(tenant, 'patient-ears', hears({ retry_after_max_seconds: 5 }));
  await factory.alias(tenant, 'plain-ears', hears());
  for (const name of ['tuned', 'talker', 'pinner', 'patient-ears', 'plain-ears']) await untilPublished(platform, name);
  secret = (await bench.newKey()).secret;
});
afterAll(async () => {
  await provider.close();
  await bench.platform.close();
});

const route = (path = '/audio/transcriptions'): string => bench.platform.app.baseUrl + path;

async function send(body: Buffer, headers: Record<string, string> = {}, path?: string) {
  const reply = await fetch(route(path), { method: 'POST', headers: { ...formHeaders(secret), ...headers }, body });
  const text = await reply.text();
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    error: () => (JSON.parse(text) as { error: { code: string; param: string } }).error,
  };
}

/** A request whose body the test writes itself. */
function open(headers: Record<string, string> = {}, path?: string) {
  const outgoing: ClientRequest = httpRequest(route(path), { method: 'POST', headers: { ...formHeaders(secret), ...headers } });
  const reply = new Promise<{ status: number; text: string }>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
  });
  reply.catch(() => undefined);
  return { outgoing, reply };
}

/** Files in the spool folder, beside the names of their owners. */
async function spooled(): Promise<string[]> {
  const names = await readdir(join(dataDir, 'spool'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.part'));
}

/** True when the provider got a form of these parts, to the byte. */
const wasSent = (...parts: readonly Buffer[]): boolean =>
  provider
    .last()
    .body()
    .equals(formOf(...parts));

describe('a form on its way to the provider', () => {
  const head = fieldPart('prompt', 'äöü\r\n--form-Boundary');
  const file = filePart('file', sound, 'Gespräch \\"1\\".mp3');

  it.each([
    ['before its file', [fieldPart('model', 'ears'), head, file]],
    ['behind its file', [file, head, fieldPart('model', 'ears')]],
    ['between its parts', [head, file, fieldPart('model', 'ears'), fieldPart('language', 'en')]],
  ])('stays as it is, byte by byte, but for the model %s', async (_where, parts) => {
    const { status, text } = await send(formOf(...parts));
    expect([status, text]).toEqual([200, '{"text":"heard"}']);
    const expected = parts.map((part) => (part.includes('name="model"') ? fieldPart('model', 'provider-ears') : part));
    expect(provider.last().path).toBe('/v1/audio/transcriptions');
    expect(provider.last().headers['content-type']).toBe('multipart/form-data; boundary=form-Boundary-41');
    expect(wasSent(...expected)).toBe(true);
    await until('nothing is kept', async () => (await spooled()).length === 0);
  });

  it('loses the control fields of other gateways, wherever they stand', async () => {
    await send(
      formOf(
        fieldPart('api_base', 'x'),
        fieldPart('model', 'ears'),
        fieldPart('extra_headers[a]', 'x'),
        file,
        fieldPart('route', 'y'),
      ),
    );
    expect(wasSent(fieldPart('model', 'provider-ears'), file)).toBe(true);
  });

  it('names one model only, and no other than the endpoint has', async () => {
    await send(
      formOf(
        fieldPart('model', 'ears'),
        file,
        fieldPart('model', 'gpt-secret'),
        fieldPart('model[]', 'a'),
        fieldPart('Model', 'b'),
      ),
    );
    const model = fieldPart('model', 'provider-ears');
    expect(wasSent(model, file, model)).toBe(true);
  });

  it('gets the parameters of its agent behind its own parts', async () => {
    await send(formOf(fieldPart('model', 'tuned'), fieldPart('language', 'en'), file, fieldPart('temperature', '0')));
    const expected = [
      fieldPart('model', 'whisper-9'),
      file,
      fieldPart('temperature', '0'),
      fieldPart('language', 'de'),
      fieldPart('include[]', 'logprobs'),
    ];
    expect(wasSent(...expected)).toBe(true);
  });

  it.each([
    ['a transcription', '/audio/transcriptions', [fieldPart('language', 'de'), fieldPart('timestamp_granularities[]', 'word')]],
    ['a translation', '/audio/translations', []],
    ['a form of images', '/images/variations', [fieldPart('response_format', 'b64_json'), fieldPart('size', '512x512')]],
  ])('gets nothing that its agent says of its chat alone: %s', async (_what, path, added) => {
    const isImage = path.startsWith('/images');
    const parts = [fieldPart('model', 'talker'), isImage ? filePart('image', sound) : file];
    await send(formOf(...parts), {}, path);
    const [, given = file] = parts;
    expect(wasSent(fieldPart('model', isImage ? 'dall-e-2' : 'whisper-9'), given, ...added)).toBe(true);
  });

  it('keeps what its client says where a pin is meant for the chat of its agent', async () => {
    const own = [fieldPart('response_format', 'srt'), fieldPart('include[]', 'logprobs'), file];
    const spoken = fieldPart('language', 'en');
    await send(formOf(fieldPart('model', 'talker'), ...own), {}, '/audio/translations');
    expect(wasSent(fieldPart('model', 'whisper-9'), ...own)).toBe(true);
    await send(formOf(fieldPart('model', 'pinner'), spoken, ...own));
    expect(wasSent(fieldPart('model', 'whisper-9'), ...own)).toBe(true);
  });

  it('gets the model of the agent that a header names, also where it names none', async () => {
    const named = { 'x-openclaw-agent-id': 'plain-ears' };
    await send(formOf(file), named);
    expect(wasSent(file, fieldPart('model', 'whisper-9'))).toBe(true);
    await send(formOf(file, fieldPart('model', 'ears')), named);
    expect(wasSent(file, fieldPart('model', 'whisper-9'))).toBe(true);
  });

  it('goes on while it still comes, once its model is named', async () => {
    const { outgoing, reply } = open();
    const before = provider.seen.length;
    outgoing.write(Buffer.concat([fieldPart('model', 'ears'), file.subarray(0, 200_000)]));
    await until('the provider has its beginning', () => provider.seen.length > before && provider.last().body().length > 199_000);
    expect(provider.last().isWhole).toBe(false);
    expect(await spooled()).toEqual([]);
    outgoing.end(formOf(file.subarray(200_000)));
    expect(await reply).toMatchObject({ status: 200 });
    expect(wasSent(fieldPart('model', 'provider-ears'), file)).toBe(true);
  });

  it('waits on the disk until its model is named', async () => {
    const { outgoing, reply } = open();
    const before = provider.seen.length;
    outgoing.write(file.subarray(0, 250_000));
    await until('it is kept', async () => (await spooled()).length === 1);
    expect(provider.seen.length).toBe(before);
    outgoing.end(Buffer.concat([file.subarray(250_000), formOf(fieldPart('model', 'ears'))]));
    expect(await reply).toMatchObject({ status: 200 });
    expect(wasSent(file, fieldPart('model', 'provider-ears'))).toBe(true);
    await until('the file is gone', async () => (await spooled()).length === 0);
  });

  it('is sent once more, whole, where a second try is allowed', async () => {
    let tries = 0;
    provider.answerWith((request, response, seen) => {
      tries += 1;
      if (tries === 1) answered({ error: { message: 'busy' } }, 503, { 'retry-after': '0' })(request, response, seen);
      else answered({ text: 'at last' })(request, response, seen);
    });
    const { text } = await send(formOf(fieldPart('model', 'patient-ears'), file));
    expect([tries, text]).toEqual([2, '{"text":"at last"}']);
    expect(provider.seen.slice(-2).map((seen) => seen.body().equals(formOf(fieldPart('model', 'whisper-9'), file)))).toEqual([
      true,
      true,
    ]);
    await until('the file is gone', async () => (await spooled()).length === 0);
    provider.answerWith(answered({ text: 'heard' }));
  });
});

describe('the answer', () => {
  const file = filePart('file', sound);

  it('is a stream also where the form says so behind its file', async () => {
    provider.answerWith((request, response) => {
      request.once('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"type":"transcript.text.delta","delta":"a"}\n\n');
        response.end('data: {"type":"transcript.text.done","text":"a","usage":{"type":"duration","seconds":3}}\n\n');
      });
    });
    const key = await bench.newKey();
    const { status, headers, text } = await send(formOf(fieldPart('model', 'ears'), file, fieldPart('stream', 'true')), {
      authorization: `Bearer ${key.secret}`,
    });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(dataLines(text).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'transcript.text.delta',
      'transcript.text.done',
    ]);
    expect(await bench.onlyRecord(key)).toMatchObject({
      route: 'audio.transcriptions.create',
      state: 'completed',
      audio_seconds: 3,
    });
  });

  const places: readonly [string, (flag: Buffer) => readonly Buffer[]][] = [
    ['before', (flag) => [fieldPart('model', 'ears'), flag, file]],
    ['behind', (flag) => [fieldPart('model', 'ears'), file, flag]],
  ];

  describe.each(places)('whose form says %s its file whether it is a stream', (_where, partsOf) => {
    it.each([
      ['true', true],
      ['True', true],
      ['1', true],
      ['false', false],
      ['False', false],
      ['0', false],
    ])('is one for %s: %s', async (said, isStream) => {
      provider.answerWith(answered({ text: 'heard' }));
      const { status, headers } = await send(formOf(...partsOf(fieldPart('stream', said))));
      expect([status, headers.get('content-type')?.split(';')[0]]).toEqual([
        200,
        isStream ? 'text/event-stream' : 'application/json',
      ]);
      const [, ...rest] = partsOf(fieldPart('stream', String(isStream)));
      expect(wasSent(fieldPart('model', 'provider-ears'), ...rest)).toBe(true);
    });

    it.each(['yes', '2', ''])('is refused for %j', async (said) => {
      const reply = await send(formOf(...partsOf(fieldPart('stream', said))));
      expect([reply.status, reply.error()]).toEqual([400, expect.objectContaining({ code: 'invalid_value', param: 'stream' })]);
    });
  });

  it('is a text also where the form says so behind its file', async () => {
    provider.answerWith((request, response) => {
      request.once('end', () => response.writeHead(200, { 'content-type': 'text/plain' }).end('heard\n'));
    });
    const { text, headers } = await send(formOf(fieldPart('model', 'ears'), file, fieldPart('response_format', 'text')));
    expect([text, headers.get('content-type')]).toEqual(['heard\n', 'text/plain']);
    provider.answerWith(answered({ text: 'heard' }));
  });

  const texts =
    (...pieces: readonly string[]): FormScript =>
    (request, response) => {
      request.once('end', () => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        for (const piece of pieces) response.write(piece);
        response.end();
      });
    };
  const wave = waveFile({ seconds: 2.5 });

  it.each<[string, string, FormScript, Buffer, object]>([
    [
      'SubRip, with the time of the last words that were heard',
      'srt',
      texts('1\n00:00:00,000 --> 00:00:02,500\ngood\n\n2\n00:00:02,500 -', '-> 00:01:04,250\nmorning\n'),
      sound,
      { audio_seconds: 64.25, output_tokens: 2 },
    ],
    ['WebVTT', 'vtt', texts('WEBVTT\n\n00:01.000 --> 00:02.500\ngood morning\n'), wave, { audio_seconds: 2.5, output_tokens: 2 }],
    ['a text, with the time that a WAV file tells', 'text', texts('good ', 'morning'), wave, { audio_seconds: 2.5 }],
    ['a text of another file', 'text', texts('good morning'), sound, { audio_seconds: null, output_tokens: 2 }],
    ['JSON', 'json', answered({ text: 'good morning' }), wave, { audio_seconds: 2.5, output_tokens: 2 }],
    ['JSON of another file', 'json', answered({ text: 'good morning' }), sound, { audio_seconds: null, output_tokens: 2 }],
    [
      'JSON that tells the time itself',
      'verbose_json',
      answered({ text: 'good morning', duration: 3, segments: [{ text: 'good morning' }] }),
      wave,
      { audio_seconds: 3, output_tokens: 2 },
    ],
  ])('is booked by what it says, and by its sound where that is known: %s', async (_what, format, script, content, booked) => {
    provider.answerWith(script);
    for (const path of ['/audio/transcriptions', '/audio/translations']) {
      const key = await bench.newKey();
      const form = formOf(fieldPart('model', 'ears'), fieldPart('response_format', format), filePart('file', content, 'a.wav'));
      expect((await send(form, { authorization: `Bearer ${key.secret}` }, path)).status).toBe(200);
      expect(await bench.onlyRecord(key)).toMatchObject({ state: 'completed', source: 'counted', input_tokens: 0, ...booked });
    }
    provider.answerWith(answered({ text: 'heard' }));
  });

  it.each([[400], [413], [422]])('is the %i of a provider that has not read the form', async (status) => {
    provider.answerWith((_request, response) => {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: 'No, thanks.' } }));
    });
    const { outgoing, reply } = open();
    outgoing.on('error', () => undefined);
    outgoing.write(Buffer.concat([fieldPart('model', 'ears'), file.subarray(0, 100_000)]));
    expect(await reply).toMatchObject({ status });
    outgoing.destroy();
    provider.answerWith(answered({ text: 'heard' }));
  });

  it("is given while the client goes on sending, and the client's connection lives on", async () => {
    provider.answerWith((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"key"}}');
    });
    const { status } = await send(formOf(fieldPart('model', 'ears'), filePart('file', randomBytes(4 * mebibyte))));
    expect(status).toBe(502);
    provider.answerWith(answered({ text: 'heard' }));
    expect((await send(formOf(fieldPart('model', 'ears'), file))).status).toBe(200);
  });

  it('is 502 when it is no answer', async () => {
    provider.answerWith(answered({ error: { message: 'no' } }));
    expect((await send(formOf(fieldPart('model', 'ears'), file))).status).toBe(502);
    provider.answerWith(answered({ text: 'heard' }));
  });

  it('is not cut off by the limit of the first byte while the client still sends', async () => {
    const { outgoing, reply } = open();
    const before = provider.seen.length;
    outgoing.write(Buffer.concat([fieldPart('model', 'ears'), file.subarray(0, 100_000)]));
    await until('the provider has its beginning', () => provider.seen.length > before);
    // Longer than the limit of 800 ms: another call runs into it meanwhile.
    provider.answerWith((request) => void request.resume());
    expect((await send(formOf(fieldPart('model', 'ears'), file))).status).toBe(504);
    outgoing.end(formOf(file.subarray(100_000)));
    expect(await reply).toMatchObject({ status: 200 });
    provider.answerWith(answered({ text: 'heard' }));
  });
});

describe('a form that is refused', () => {
  const model = fieldPart('model', 'ears');
  const file = filePart('file', sound);

  it.each([
    ['no file', formOf(model), 400, 'missing_required_parameter', 'file'],
    ['its file as a field', formOf(model, fieldPart('file', 'x')), 400, 'missing_required_parameter', 'file'],
    ['another file, in the end', formOf(model, filePart('other', sound)), 400, 'missing_required_parameter', 'file'],
    ['an unknown model', formOf(fieldPart('model', 'nobody'), file), 404, 'model_not_found', 'model'],
    ['an unknown model behind its file', formOf(file, fieldPart('model', 'nobody')), 404, 'model_not_found', 'model'],
    ['no end', Buffer.concat([model, file]), 400, 'invalid_request', null],
    [
      'its boundary within its file',
      formOf(model, filePart('file', Buffer.from('a --form-Boundary-41 b'))),
      400,
      'invalid_request',
      null,
    ],
    [
      'its boundary within the head of a part',
      formOf(
        model,
        Buffer.from('--form-Boundary-41\r\nContent-Disposition: form-data; name="prompt"\r\n--form-Boundary-41\r\n\r\nx\r\n'),
        file,
      ),
      400,
      'invalid_request',
      null,
    ],
    ['a model too long to read', formOf(fieldPart('model', 'm'.repeat(9_000)), file), 400, 'invalid_request', 'model'],
    [
      'a model behind more texts than are read',
      formOf(...Array.from({ length: 4 }, (_none, at) => fieldPart(`n${at}`, 'x'.repeat(8_192))), model, file),
      400,
      'invalid_request',
      'model',
    ],
    ['two names for a part', formOf(model, fieldPart('a"; name="b', 'x'), file), 400, 'invalid_request', null],
    [
      'very many parts',
      formOf(model, file, ...Array.from({ length: 300 }, (_none, at) => fieldPart(`f${at}`, 'x'))),
      400,
      'invalid_request',
      null,
    ],
  ])('with %s says why', async (_what, body, status, code, param) => {
    const reply = await send(body);
    expect([reply.status, reply.error()]).toEqual([status, expect.objectContaining({ code, param })]);
    await until('nothing is left', async () => (await spooled()).length === 0);
  });

  it('without a model asks the default endpoint, which hears nothing here', async () => {
    const reply = await send(formOf(file));
    expect([reply.status, reply.error().code]).toEqual([400, 'unsupported_modality']);
  });

  it('as another type is 415, without a boundary 400', async () => {
    expect((await send(Buffer.from('{}'), { 'content-type': 'application/json' })).status).toBe(415);
    expect((await send(formOf(model, file), { 'content-type': 'multipart/form-data' })).status).toBe(400);
  });

  it('leaves no call at the provider when it breaks in its midst', async () => {
    const { outgoing, reply } = open();
    const before = provider.seen.length;
    outgoing.write(Buffer.concat([model, file.subarray(0, 100_000)]));
    await until('the provider has its beginning', () => provider.seen.length > before);
    outgoing.end('--form-Boundary-41 and no more');
    const { status, text } = await reply;
    expect([status, text]).toEqual([400, expect.stringContaining('invalid_request')]);
    await until('the call is broken', () => provider.last().isBroken);
  });

  it('ends the call when its client leaves', async () => {
    const key = await bench.newKey();
    const { outgoing } = open({ authorization: `Bearer ${key.secret}` });
    outgoing.on('error', () => undefined);
    const before = provider.seen.length;
    outgoing.write(Buffer.concat([model, file.subarray(0, 100_000)]));
    await until('the provider has its beginning', () => provider.seen.length > before);
    outgoing.destroy();
    await until('the call is broken', () => provider.last().isBroken);
    expect(await bench.onlyRecord(key)).toMatchObject({ state: 'client_closed', status: 499 });
  });

  it('leaves nothing when its client leaves before it is sent', async () => {
    const { outgoing } = open();
    outgoing.on('error', () => undefined);
    outgoing.write(file.subarray(0, 250_000));
    await until('it is kept', async () => (await spooled()).length === 1);
    outgoing.destroy();
    await until('nothing is left', async () => (await spooled()).length === 0);
  });
});

describe('a form that is still coming when its key may no longer send it', () => {
  const file = filePart('file', sound);
  const begun = Buffer.concat([fieldPart('model', 'ears'), file.subarray(0, 100_000)]);

  /** A form on a connection of its own, of which the rest does not come. */
  async function begin(key: SeededKey, headers: HeaderList = [], bytes = begun): Promise<RawConnection> {
    const connection = new RawConnection(bench.platform.app.url);
    const sent = Object.entries(formHeaders(key.secret));
    const head = [...sent, ['host', 'gt'], ['content-length', '1000000'], ...headers] as HeaderList;
    await connection.send(requestBytes('POST', new URL(route()).pathname, head, bytes));
    return connection;
  }

  const narrow = (key: SeededKey) =>
    bench.platform.app.admin('PATCH', `/keys/${key.id}`, { tenant: 'acme', agents: ['x'], raw_models: ['x'] });
  const verb = (name: string) => (key: SeededKey) =>
    bench.platform.app.admin('POST', `/keys/${key.id}/${name}`, { tenant: 'acme' });

  it.each([
    ['revoked', verb('revoke')],
    ['disabled', verb('disable')],
    ['narrowed', narrow],
  ] as const)('is answered 401 and leaves no call at the provider: %s', async (_what, change) => {
    const key = await bench.newKey();
    const before = provider.seen.length;
    const connection = await begin(key);
    await until('the provider has its beginning', () => provider.seen.length > before);
    expect((await change(key)).status).toBe(200);
    const reply = await connection.reply();
    expect([reply.status, reply.json.error.code]).toEqual([401, 'invalid_api_key']);
    await until('the call is broken', () => provider.last().isBroken);
    connection.destroy();
    await until('it is booked', async () => {
      const { body } = await bench.platform.app.admin('GET', `/usage?tenant=acme&key=${key.id}`);
      return body.data[0]?.state === 'interrupted' && body.data[0].status === 401;
    });
  });

  it.each([
    ['a text', fieldPart('response_format', 'text'), 'text/plain', 'heard '.repeat(50)],
    ['a stream', fieldPart('stream', 'true'), 'text/event-stream', 'data: {"type":"transcript.text.delta","delta":"heard"}\n\n'],
  ])(
    'is cut when its key is narrowed, also where its answer has begun before it has come: %s',
    async (_what, field, type, text) => {
      const key = await bench.newKey();
      provider.answerWith((request, response) => {
        response.setHeader('content-type', type);
        const saying = setInterval(() => response.write(text), 50);
        request.once('close', () => clearInterval(saying));
      });
      const connection = await begin(key, [], Buffer.concat([field, begun]));
      await connection.text('heard');
      expect((await narrow(key)).status).toBe(200);
      // Long before a form is given up that stands still.
      await until('the call is broken', () => provider.last().isBroken, 20_000);
      if (type === 'text/event-stream') await connection.text('invalid_api_key');
      else await connection.closed;
      connection.destroy();
      expect(await bench.onlyRecord(key)).toMatchObject({ state: 'interrupted', status: 200 });
      provider.answerWith(answered({ text: 'heard' }));
    },
  );

  it('is answered 401 before it is sent, and nothing of it is left', async () => {
    const key = await bench.newKey();
    const before = provider.seen.length;
    const connection = await begin(key, [['idempotency-key', randomBytes(8).toString('hex')]]);
    await until('it is kept', async () => (await spooled()).length === 1);
    expect((await verb('revoke')(key)).status).toBe(200);
    const reply = await connection.reply();
    expect([reply.status, reply.json.error.code]).toEqual([401, 'invalid_api_key']);
    connection.destroy();
    await until('nothing is left', async () => (await spooled()).length === 0);
    expect(provider.seen.length).toBe(before);
  });

  it('is finished when it has come whole, like every plain answer', async () => {
    const key = await bench.newKey();
    const answers: (() => void)[] = [];
    provider.answerWith((request, response) => {
      request.once('end', () =>
        answers.push(() => response.setHeader('content-type', 'application/json').end('{"text":"late"}')),
      );
    });
    const reply = send(formOf(fieldPart('model', 'ears'), file), { authorization: `Bearer ${key.secret}` });
    await until('the provider has the form', () => answers.length === 1);
    expect((await verb('revoke')(key)).status).toBe(200);
    await until(
      'the key is refused',
      async () => (await send(formOf(), { authorization: `Bearer ${key.secret}` })).status === 401,
    );
    for (const answer of answers) answer();
    expect(await reply).toMatchObject({ status: 200, text: '{"text":"late"}' });
    provider.answerWith(answered({ text: 'heard' }));
  });
});

describe('a form with an Idempotency-Key', () => {
  const form = (text: string) => formOf(fieldPart('model', 'ears'), filePart('file', sound), fieldPart('prompt', text));

  it('is answered once, and again for the same form', async () => {
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') };
    const before = provider.seen.length;
    const first = await send(form('a'), headers);
    const again = await send(form('a'), headers);
    const other = await send(form('b'), headers);
    expect([first.status, again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([
      200,
      200,
      first.text,
      'true',
    ]);
    expect([other.status, other.error().code]).toEqual([422, 'idempotency_mismatch']);
    expect(provider.seen.length).toBe(before + 1);
    await until('nothing is left', async () => (await spooled()).length === 0);
  });

  it('is not sent before it is whole', async () => {
    const { outgoing, reply } = open({ 'idempotency-key': randomBytes(8).toString('hex') });
    const body = form('c');
    const before = provider.seen.length;
    outgoing.write(body.subarray(0, 250_000));
    await until('it is kept', async () => (await spooled()).length === 1);
    expect(provider.seen.length).toBe(before);
    outgoing.end(body.subarray(250_000));
    expect(await reply).toMatchObject({ status: 200 });
  });
});

describe('images made of images', () => {
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(1_000, 7)]);
  const data = png.toString('base64');

  it('are asked for as data, in the size of the agent, with all images and the mask', async () => {
    provider.answerWith(answered({ created: 1, data: [{ b64_json: data }] }));
    const images = [filePart('image[]', png, 'a.png'), filePart('image[]', png, 'b.png'), filePart('mask', png, 'm.png')];
    const { status } = await send(
      formOf(fieldPart('model', 'plain-ears'), fieldPart('response_format', 'url'), ...images, fieldPart('prompt', 'a')),
      {},
      '/images/edits',
    );
    const expected = [
      fieldPart('model', 'dall-e-2'),
      ...images,
      fieldPart('prompt', 'a'),
      fieldPart('response_format', 'b64_json'),
      fieldPart('size', '512x512'),
    ];
    expect([status, provider.last().path]).toEqual([200, '/v1/images/edits']);
    expect(wasSent(...expected)).toBe(true);
  });

  it('are fetched where they come as addresses', async () => {
    provider.answerWith((request, response, seen) => {
      if (request.method === 'GET') response.end(png);
      else answered({ created: 1, data: [{ url: provider.url.replace('/v1', '/image') }] })(request, response, seen);
    });
    const { text } = await send(formOf(fieldPart('model', 'plain-ears'), filePart('image', png)), {}, '/images/variations');
    expect(JSON.parse(text)).toMatchObject({ data: [{ b64_json: data }] });
    expect(text).not.toContain('http');
  });

  it('come in whole events where their provider answers in one piece', async () => {
    provider.answerWith(answered({ created: 1, data: [{ b64_json: data }] }));
    const look = [fieldPart('size', '1024x1024'), fieldPart('background', 'opaque'), fieldPart('output_format', 'webp')];
    const form = formOf(fieldPart('model', 'plain-ears'), ...look, filePart('image', png), fieldPart('stream', 'True'));
    const { status, text } = await send(form, {}, '/images/edits');
    const events = dataLines(text).map((line) => JSON.parse(line) as object);
    expect([status, events]).toMatchObject([
      200,
      [{ type: 'image_edit.completed', size: '1024x1024', background: 'opaque', output_format: 'webp', quality: 'auto' }],
    ]);
    for (const event of events) expect(faultsOf('ImageEditStreamEvent', event)).toEqual([]);
  });

  it('without an image are 400', async () => {
    const reply = await send(formOf(fieldPart('model', 'plain-ears'), filePart('mask', png)), {}, '/images/edits');
    expect([reply.status, reply.error()]).toEqual([
      400,
      expect.objectContaining({ code: 'missing_required_parameter', param: 'image' }),
    ]);
  });
});
