import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FormScanner } from './form-scanner.js';

const boundary = 'x-Boundary7';

interface Found {
  readonly parts: { head: string; content: Buffer }[];
  isWhole: boolean;
}

/** What the scanner finds in a body that comes in these chunks. */
function scan(chunks: readonly Buffer[]): Found {
  const found: Found = { parts: [], isWhole: false };
  let open = false;
  const scanner = new FormScanner(boundary, {
    part: (head) => {
      open = true;
      found.parts.push({ head: head.toString(), content: Buffer.alloc(0) });
    },
    content: (bytes) => {
      const part = found.parts.at(-1);
      if (part === undefined || !open) throw new Error('content outside of a part');
      part.content = Buffer.concat([part.content, bytes]);
    },
    partEnd: () => (open = false),
    formEnd: () => (found.isWhole = true),
  });
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return found;
}

function form(parts: readonly { head: string; content: Buffer }[]): Buffer {
  const written = parts.map(({ head, content }) =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${head}`), content, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]);
}

function cut(body: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (body.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, at) => body.subarray(from, [...sorted, body.length][at]));
}

/** Contents that nearly hold a boundary, beside random bytes. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\r\n', '\r', '\n', '--', '\r\n--', '\r\n--x-Bound', '-', '\r\n\r\n').map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => Buffer.concat(pieces))
  .filter((bytes) => !bytes.includes(`--${boundary}`));
const parts = fc.array(
  fc.record({
    head: fc.constantFrom('A: b\r\n\r\n', 'Content-Disposition: form-data; name="a"\r\nX: y\r\n\r\n', '\r\n'),
    content,
  }),
  { maxLength: 4 },
);

describe('a form', () => {
  it('has the same parts, byte for byte, however it is cut', () => {
    fc.assert(
      fc.property(parts, fc.array(fc.nat(2_000), { maxLength: 12 }), (given, places) => {
        const found = scan(cut(form(given), places));
        expect(found.isWhole).toBe(true);
        expect(found.parts.map(({ head, content: bytes }) => [head, bytes.toString('hex')])).toEqual(
          given.map(({ head, content: bytes }) => [head, bytes.toString('hex')]),
        );
      }),
    );
  });

  it('may have something before and behind it', () => {
    const body = Buffer.concat([
      Buffer.from('hello\r\n'),
      form([{ head: 'A: b\r\n\r\n', content: Buffer.from('1') }]),
      Buffer.from('bye'),
    ]);
    expect(scan([body]).parts).toHaveLength(1);
  });

  const part = `--${boundary}\r\nA: b\r\n\r\n`;
  it.each([
    ['ends within a part', `${part}1`],
    ['ends within a head', `--${boundary}\r\nA: b\r\n`],
    ['has no end', `${part}1\r\n`],
    ['has no boundary at all', 'hello'],
    ['is empty', ''],
    ['has its boundary in the midst of a line', `${part}1--${boundary}\r\n2\r\n--${boundary}--`],
    ['has its boundary behind a bare line feed', `${part}1\n--${boundary}\r\nA: b\r\n\r\n2\r\n--${boundary}--`],
    ['goes on behind its boundary', `${part}1\r\n--${boundary}x\r\n\r\n--${boundary}--`],
    ['has spaces behind its boundary', `--${boundary} \r\nA: b\r\n\r\n1\r\n--${boundary}--`],
    ['has its boundary within a head', `--${boundary}\r\nA: b\r\n--${boundary}\r\nC: d\r\n\r\n1\r\n--${boundary}--`],
    ['has its end within a head', `--${boundary}\r\nA: b\r\n--${boundary}--\r\n\r\n1\r\n--${boundary}--`],
    ['has its boundary as a header', `--${boundary}\r\nA: --${boundary}\r\n\r\n1\r\n--${boundary}--`],
    ['has its boundary twice', `--${boundary}\r\n--${boundary}\r\nA: b\r\n\r\n1\r\n--${boundary}--`],
    ['has its boundary behind a head', `--${boundary}\r\nA: b\r\n\r\n--${boundary}\r\nA: b\r\n\r\n1\r\n--${boundary}--`],
    ['has too long a head', `--${boundary}\r\nA: ${'b'.repeat(20_000)}\r\n\r\n1\r\n--${boundary}--`],
  ])('is refused when it %s', (_what, text) => {
    const body = Buffer.from(text);
    expect(() => scan([body])).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => scan([...body].map((byte) => Buffer.from([byte])))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
