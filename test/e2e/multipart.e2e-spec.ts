import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { RawConnection, rawCall, requestBytes, type RawReply } from '../support/raw-http.js';
import { startS3, type S3Server } from '../support/s3.js';
import { until } from '../support/until.js';
import { boundary, chunk, form, part, startUploadServer, uploadHeaders, type UploadServer } from '../support/upload-server.js';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const maxFileBytes = 4 * mebibyte;
const drain = { idleMs: 400, totalMs: 1_500 };

let server: UploadServer;

beforeAll(async () => {
  server = await startUploadServer({ limits: { maxFileBytes, stallMs: 500, drain } });
});

afterAll(async () => {
  await server.close();
});

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Sends a body as it is, with its length. */
function post(body: Buffer, headers = uploadHeaders(body.length), to = server): Promise<RawReply> {
  return rawCall(to.url, requestBytes('POST', '/upload', headers, body));
}

/** Does something that must leave neither a part nor a file behind. */
async function leavingNothing<T>(work: () => Promise<T>, from = server): Promise<T> {
  const before = await from.keys();
  const result = await work();
  await until('the part is gone', async () => (await from.parts()).length === 0);
  expect(await from.keys()).toEqual(before);
  return result;
}

describe('a form with one file', () => {
  it('is stored byte for byte, with its name, size, hash, declared type and fields', async () => {
    const content = randomBytes(3 * mebibyte + 5);
    const body = new FormData();
    body.set('conversation_id', 'conv_1');
    body.set('file', new File([content], 'دليل الموظف.pdf', { type: 'application/pdf' }));
    body.set('note', 'äöü');
    const reply = await fetch(`${server.url}/upload`, { method: 'POST', body });
    const answer = (await reply.json()) as { id: string };
    expect(reply.status).toBe(200);
    expect(answer).toMatchObject({
      fields: { conversation_id: 'conv_1', note: 'äöü' },
      filename: 'دليل الموظف.pdf',
      bytes: content.length,
      sha256: sha256(content),
      mediaTypeDeclared: 'application/pdf',
    });
    expect(sha256(await server.content(answer.id))).toBe(sha256(content));
  });

  it.each([
    ['"plain.txt"', 'plain.txt'],
    ['"..\\\\..\\\\windows\\\\evil.txt"', 'evil.txt'],
    ['"../../../etc/passwd"', 'passwd'],
    ['"50%.txt"', '50%.txt'],
    ['"a %22quoted%22 name.txt"', 'a "quoted" name.txt'],
    ['"two%0D%0Alines.txt"', 'twolines.txt'],
    ['"社内規程.txt"', '社内規程.txt'],
    ["x; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", 'naïve €.txt'],
    ["x; filename*=UTF-8''..%2F..%2Fetc%2Fshadow", 'shadow'],
  ])('takes the file name %s as the text %j', async (given, name) => {
    const { status, json } = await post(form(part(`; name="file"; filename=${given}`, 'hello')));
    expect([status, json.filename]).toEqual([200, name]);
  });

  it.each([0, 1, 4099, 4100, 4101, 65_536, maxFileBytes - 1, maxFileBytes])('is taken with %i bytes', async (bytes) => {
    const content = randomBytes(bytes);
    const { status, json } = await post(form(part('; name="file"; filename="a"', content)));
    expect([status, json.bytes, json.sha256]).toEqual([200, bytes, sha256(content)]);
    expect((await server.content(json.id)).equals(content)).toBe(true);
  });

  it('is the same however the network cuts it', async () => {
    const content = Buffer.concat([randomBytes(9000), Buffer.from(`\r\n--${boundary}`.slice(0, -1)), randomBytes(100)]);
    const body = form(part('; name="a"', '1'), part('; name="file"; filename="a"', content), part('; name="b"', '2'));
    const request = requestBytes('POST', '/upload', uploadHeaders(body.length), body);
    for (let round = 0; round < 25; round += 1) {
      const connection = new RawConnection(server.url);
      for (let at = 0; at < request.length;) {
        const next = at + randomInt(1, round < 5 ? 60 : 3000);
        await connection.send(request.subarray(at, next));
        at = next;
      }
      const { json } = await connection.reply();
      connection.destroy();
      expect(json).toMatchObject({ fields: { a: '1', b: '2' }, bytes: content.length, sha256: sha256(content) });
    }
  });

  it('may have lists and one level of objects among its fields', async () => {
    const { json } = await post(
      form(
        part('; name="tags[]"', 'x'),
        part('; name="tags[]"', 'y'),
        part('; name="expires_after[anchor]"', 'created_at'),
        part('; name="file"; filename="a"', 'x'),
      ),
    );
    expect(json.fields).toEqual({ tags: ['x', 'y'], expires_after: { anchor: 'created_at' } });
  });
});

describe('a form that is not one file and a few fields', () => {
  const file = part('; name="file"; filename="a.txt"', randomBytes(100 * kibibyte));

  it.each([
    ['no file', form(part('; name="a"', '1')), 'missing_required_parameter', 'file'],
    ['the file as plain text', form(part('; name="file"', 'text')), 'missing_required_parameter', 'file'],
    [
      'a file without a name',
      form(part('; name="file"; filename=""', '', 'Content-Type: application/octet-stream\r\n')),
      'missing_required_parameter',
      'file',
    ],
    ['an end without any part', form(), 'missing_required_parameter', 'file'],
    ['two files', form(file, part('; name="file"; filename="b.txt"', 'b')), 'invalid_value', 'file'],
    ['a file in another field', form(part('; name="upload"; filename="b.txt"', 'b'), file), 'invalid_value', 'upload'],
    ['a second file in another field', form(file, part('; name="upload"; filename="b.txt"', 'b')), 'invalid_value', 'upload'],
    [
      'too many fields',
      form(file, ...Array.from({ length: 5 }, (_value, at) => part(`; name="f${at}"`, 'x'))),
      'invalid_request',
      null,
    ],
    ['a field name that is too long', form(file, part(`; name="${'n'.repeat(201)}"`, 'x')), 'invalid_request', null],
    ['a field nested too deep', form(file, part('; name="a[b][c]"', 'x')), 'invalid_request', null],
    ['a list with a huge index', form(file, part('; name="a[99999999]"', 'x')), 'invalid_request', null],
    ['a field without a name', form(file, part('', 'x')), 'invalid_request', null],
    [
      'a broken part header',
      Buffer.concat([file, Buffer.from(`--${boundary}\r\nno header\r\n\r\nx\r\n--${boundary}--\r\n`)]),
      'invalid_request',
      null,
    ],
    ['no end', file, 'invalid_request', null],
    ['an end in mid-file', file.subarray(0, 50_000), 'invalid_request', null],
    ['nothing', Buffer.alloc(0), 'invalid_request', null],
  ])('is refused with 400 and leaves nothing: %s', async (_what, body, code, param) => {
    const { status, json } = await leavingNothing(() => post(body));
    expect([status, json.error.code, json.error.param]).toEqual([400, code, param]);
  });

  it('is refused with 413 when a field is too large', async () => {
    const { status, json } = await leavingNothing(() => post(form(file, part('; name="note"', 'x'.repeat(1001)))));
    expect([status, json.error.code, json.error.param]).toEqual([413, 'payload_too_large', 'note']);
  });

  it.each([
    ['another media type', [['content-type', 'text/plain']], 415],
    ['JSON', [['content-type', 'application/json']], 415],
    ['no media type', [], 415],
    ['no boundary', [['content-type', 'multipart/form-data']], 400],
  ] as const)('is refused when it has %s', async (_what, headers, status) => {
    const reply = await post(Buffer.from('{}'), [['host', 'x'], ['content-length', '2'], ...headers]);
    expect([reply.status, reply.json.error.code]).toEqual([
      status,
      status === 415 ? 'unsupported_media_type' : 'invalid_request',
    ]);
  });
});

describe('an upload that is refused early', () => {
  /** A part up to the first byte of its file. */
  const head = part('; name="file"; filename="a.bin"', '').subarray(0, -2);

  it('for its declared length is answered 413 before any of its body', async () => {
    const connection = new RawConnection(server.url);
    await connection.send(requestBytes('POST', '/upload', uploadHeaders(1024 * mebibyte)));
    const { status, json } = await connection.reply();
    expect([status, json.error.code, json.error.param]).toEqual([413, 'payload_too_large', 'file']);
    expect(json.error.message).toContain(String(maxFileBytes));
    await connection.closed;
  });

  it('for its first bytes is answered 415 while the client still sends, and the connection ends when it does not stop', async () => {
    await leavingNothing(async () => {
      const connection = new RawConnection(server.url);
      await connection.send(
        requestBytes('POST', '/upload', uploadHeaders(4 * mebibyte), Buffer.concat([head, Buffer.from('MZ'), randomBytes(8000)])),
      );
      const { status, json } = await connection.reply();
      expect([status, json.error.code, json.error.message]).toEqual([415, 'unsupported_media_type', 'a.bin is a program.']);
      let ended = false;
      void connection.closed.then(() => (ended = true));
      await until('the server gives the connection up', async () => ended || !(await connection.send('more')));
    });
  });

  it('for its real length is answered 413 at the byte too many, though no length was declared', async () => {
    await leavingNothing(async () => {
      const connection = new RawConnection(server.url);
      await connection.send(
        requestBytes('POST', '/upload', uploadHeaders(), chunk(Buffer.concat([head, randomBytes(maxFileBytes + 1)]))),
      );
      const { status, json } = await connection.reply();
      expect([status, json.error.code, json.error.param]).toEqual([413, 'payload_too_large', 'file']);
      connection.destroy();
    });
  });

  it('for a tail without end after a whole form is answered 413', async () => {
    await leavingNothing(async () => {
      const connection = new RawConnection(server.url);
      void connection.send(
        requestBytes(
          'POST',
          '/upload',
          uploadHeaders(),
          chunk(Buffer.concat([form(part('; name="file"; filename="a"', 'x')), Buffer.alloc(maxFileBytes + mebibyte)])),
        ),
      );
      expect((await connection.reply()).status).toBe(413);
      connection.destroy();
    });
  });

  it('tells fetch its status, which is still sending a file of 200 MiB', async () => {
    const piece = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(mebibyte - 2)]);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === 0) controller.enqueue(head);
        sent += 1;
        if (sent <= 200) controller.enqueue(piece);
        else controller.close();
      },
    });
    const request = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    } as RequestInit;
    const reply = await leavingNothing(() => fetch(`${server.url}/upload`, request));
    expect(reply.status).toBe(415);
    expect(await reply.json()).toMatchObject({ error: { type: 'invalid_request_error', param: 'file' } });
  });

  it('keeps the connection when its body ends soon', async () => {
    const connection = new RawConnection(server.url);
    const program = form(part('; name="file"; filename="a"', Buffer.concat([Buffer.from('MZ'), randomBytes(mebibyte)])));
    const text = form(part('; name="file"; filename="a"', 'text'));
    await connection.send(requestBytes('POST', '/upload', uploadHeaders(program.length), program));
    expect((await connection.reply()).status).toBe(415);
    await connection.send(requestBytes('POST', '/upload', uploadHeaders(text.length), text));
    expect((await connection.reply()).status).toBe(200);
    connection.destroy();
  });
});

describe('an upload whose client fails', () => {
  const begun = Buffer.concat([
    part('; name="a"', '1'),
    part('; name="file"; filename="a"', randomBytes(600 * kibibyte)).subarray(0, 500 * kibibyte),
  ]);

  it.each([['declared length', uploadHeaders(mebibyte), begun] as const, ['chunks', uploadHeaders(), chunk(begun)] as const])(
    'leaves nothing when it breaks off in mid-file (%s)',
    async (_how, headers, bytes) => {
      await leavingNothing(async () => {
        const connection = new RawConnection(server.url);
        await connection.send(requestBytes('POST', '/upload', headers, bytes));
        await until('the file is being written', async () => (await server.parts()).length === 1);
        connection.destroy();
      });
    },
  );

  it('is answered 408 when it stands still, and leaves nothing', async () => {
    await leavingNothing(async () => {
      const connection = new RawConnection(server.url);
      await connection.send(requestBytes('POST', '/upload', uploadHeaders(mebibyte), begun));
      const { status, json } = await connection.reply();
      expect([status, json.error.code]).toEqual([408, 'request_timeout']);
      connection.destroy();
    });
  });

  it('is answered 408 when it only drips, however it began, and leaves nothing', async () => {
    const strict = await startUploadServer({ limits: { maxFileBytes, drain, pace: { paceMs: 200, paceBytes: kibibyte } } });
    const connection = new RawConnection(strict.url);
    try {
      await leavingNothing(async () => {
        await connection.send(requestBytes('POST', '/upload', uploadHeaders(mebibyte), begun));
        const dripping = setInterval(() => void connection.send('x'), 20);
        const { status, json } = await connection.reply().finally(() => clearInterval(dripping));
        expect([status, json.error.code]).toEqual([408, 'request_timeout']);
      }, strict);
    } finally {
      connection.destroy();
      await strict.close();
    }
  });

  it('does not disturb the uploads beside it', async () => {
    const whole = Array.from({ length: 15 }, async () => {
      const content = randomBytes(randomInt(1, mebibyte));
      const { status, json } = await post(form(part('; name="file"; filename="a"', content)));
      expect([status, json.sha256]).toEqual([200, sha256(content)]);
      return `ten_a/${json.id}`;
    });
    const broken = Array.from({ length: 15 }, async () => {
      const connection = new RawConnection(server.url);
      await connection.send(
        requestBytes('POST', '/upload', uploadHeaders(mebibyte), begun.subarray(0, randomInt(1, begun.length))),
      );
      connection.destroy();
    });
    await Promise.all(broken);
    const keys = await Promise.all(whole);
    expect(new Set(keys).size).toBe(15);
    expect(await server.keys()).toEqual(expect.arrayContaining(keys));
    await until('every part is gone', async () => (await server.parts()).length === 0);
  });
});

describe('storage that takes no more', () => {
  it('is answered 503 while the client still sends, leaves nothing, and the next smaller file is taken', async () => {
    const full = await startUploadServer({ limits: { maxFileBytes }, limitBlocks: 2048 });
    try {
      const { status, headers, json } = await leavingNothing(
        () => post(form(part('; name="file"; filename="a"', randomBytes(3 * mebibyte))), undefined, full),
        full,
      );
      expect([status, json.error.code, headers['retry-after']]).toEqual([503, 'overloaded', '5']);
      expect((await post(form(part('; name="file"; filename="a"', 'small')), undefined, full)).status).toBe(200);
    } finally {
      await full.close();
    }
  });
});

describe('memory', () => {
  const soak = process.env['GT_TEST_SOAK'] === '1';
  const fileBytes = soak ? 1024 * mebibyte : 96 * mebibyte;
  const atOnce = 6;
  // What is under way, the buffers of S3's parts, and a collector that comes late: far less than what is sent.
  const mostGrowth = 160 * mebibyte;
  const piece = randomBytes(mebibyte);

  /** Sends a file of many pieces as fast as it is taken. */
  async function upload(to: UploadServer): Promise<void> {
    const start = part('; name="file"; filename="big.bin"', '').subarray(0, -2);
    const end = Buffer.concat([Buffer.from('\r\n'), form()]);
    const request = http.request(`${to.url}/upload`, {
      method: 'POST',
      headers: Object.fromEntries(uploadHeaders(start.length + fileBytes + end.length)),
    });
    const answered = once(request, 'response');
    await pipeline(Readable.from(repeated(start, fileBytes / piece.length, end)), request);
    const [response] = (await answered) as [http.IncomingMessage];
    expect(await json(response)).toMatchObject({ bytes: fileBytes });
  }

  function* repeated(start: Buffer, count: number, end: Buffer): Generator<Buffer> {
    yield start;
    for (let sent = 0; sent < count; sent += 1) yield piece;
    yield end;
  }

  async function growth(to: UploadServer): Promise<number> {
    for (let round = 0; round < 2; round += 1)
      expect((await post(form(part('; name="file"; filename="a"', randomBytes(mebibyte))), undefined, to)).status).toBe(200);
    const before = await to.memory();
    await Promise.all(Array.from({ length: atOnce }, () => upload(to)));
    return to.peak() - before;
  }

  it(
    `stays far below the ${(atOnce * fileBytes) / mebibyte} MiB that ${atOnce} uploads at once send to a local folder`,
    async () => {
      const large = await startUploadServer({ limits: { maxFileBytes: fileBytes } });
      try {
        expect(await growth(large)).toBeLessThan(mostGrowth);
      } finally {
        await large.close();
      }
    },
    soak ? 600_000 : 60_000,
  );

  it(
    'stays as flat on the way to S3',
    async () => {
      const s3: S3Server = await startS3();
      const { endpoint, bucket, credentials } = s3;
      const large = await startUploadServer({
        s3: { endpoint, bucket, credentials, region: 'us-east-1', forcePathStyle: true },
        limits: { maxFileBytes: fileBytes },
      });
      try {
        expect(await growth(large)).toBeLessThan(mostGrowth);
        expect(await s3.openUploads()).toEqual([]);
      } finally {
        await large.close();
        await s3.close();
      }
    },
    soak ? 600_000 : 60_000,
  );
});
