import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DocumentParserOptions } from '../../src/platform/documents/document-parser.js';
import { defaultParseLimits } from '../../src/platform/documents/parse-limits.js';
import type { Section } from '../../src/platform/documents/section.js';
import { docx, DocumentReading, failureOf, textOf } from '../support/document-reading.js';
import { repeatedSlide, writeLyingZipBomb, writeZipBomb, xlsxWith, zipWith } from '../support/documents.js';
import { until } from '../support/until.js';

const failingParser = fileURLToPath(new URL('../fixtures/failing-parser.mjs', import.meta.url));

/** A page that takes some seconds and some 500 MB. */
const slowPage = '<p>text</p>'.repeat(400_000);

let reading: DocumentReading;

beforeAll(async () => {
  reading = await DocumentReading.prepare();
});

describe('bombs', () => {
  const small = { ...defaultParseLimits, ratioFromBytes: 1024 * 1024 };

  it('refuses 300 MB of nothing by its ratio, before unpacking it', async () => {
    const path = join(reading.folder, 'bomb.docx');
    await writeZipBomb(path, 300 * 1024 * 1024);
    expect(await failureOf(reading.sectionsOf(path, docx, { limits: small }))).toBe('compression_ratio');
  });

  it('refuses by the unpacked size', async () => {
    const path = join(reading.folder, 'large.docx');
    await writeZipBomb(path, 300 * 1024 * 1024);
    const limits = { ...small, maxRatio: 10_000, maxUncompressedBytes: 64 * 1024 * 1024 };
    expect(await failureOf(reading.sectionsOf(path, docx, { limits }))).toBe('too_large_uncompressed');
  });

  it('is not fooled by a directory that calls the bomb small', async () => {
    const path = join(reading.folder, 'liar.docx');
    await writeLyingZipBomb(path, 200 * 1024 * 1024);
    expect(await failureOf(reading.sectionsOf(path, docx, { limits: small, maxResidentBytes: 200 * 1024 * 1024 }))).toBe(
      'damaged_file',
    );
  });

  it('counts what is unpacked again and again', async () => {
    const limits = { ...small, maxUncompressedBytes: 20_000_000 };
    expect(textOf(await reading.read('few.pptx', await repeatedSlide(5, 1_000_000), { limits }))).toBe('Again.\n\n'.repeat(5));
    expect(await failureOf(reading.read('again.pptx', await repeatedSlide(100, 1_000_000), { limits }))).toBe(
      'too_large_uncompressed',
    );
  });

  it('refuses too many entries', async () => {
    const entries = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`word/part${index}.xml`, '<a/>']));
    const limits = { ...small, maxEntries: 100 };
    expect(await failureOf(reading.read('many.docx', await zipWith(entries), { limits }))).toBe('too_many_entries');
  });

  it('expands no entities', async () => {
    const lines = Array.from({ length: 9 }, (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`);
    const sheet = `<!DOCTYPE x [<!ENTITY a0 "ha">${lines.join('')}]><worksheet><sheetData><row><c t="str"><v>It says &a9;</v></c></row></sheetData></worksheet>`;
    const book = await xlsxWith({ Sheet: [] }, { 'xl/worksheets/sheet1.xml': sheet });
    expect(textOf(await reading.read('laughs.xlsx', book))).toBe('It says &a9;\n');
  });

  it('stops a document whose text grows beyond the limit', async () => {
    const path = await reading.save('much.txt', 'word '.repeat(100_000));
    expect(await failureOf(reading.sectionsOf(path, 'text/plain', { limits: { ...small, maxTextLength: 200_000 } }))).toBe(
      'too_large_uncompressed',
    );
  });
});

describe('a parser that fails', () => {
  const failing = async (how: string, options: Partial<DocumentParserOptions> = {}): Promise<Section[]> =>
    reading.sectionsOf(await reading.save(how, ''), 'text/plain', { childFile: failingParser, ...options });

  it.each(['abort', 'segfault', 'exit-code', 'half-way', 'garbage', 'endless-line'])(
    'fails its document alone: %s',
    async (how) => {
      expect(await failureOf(failing(how))).toBe('parser_crashed');
    },
  );

  it('is stopped when it takes too long', async () => {
    expect(await failureOf(failing('endless', { timeoutMs: 300 }))).toBe('parse_timeout');
  });

  it('is stopped when it says nothing for too long, though it has time left', async () => {
    expect(await failureOf(failing('endless', { silentMs: 300 }))).toBe('parse_timeout');
  });

  it('is stopped when it takes too much memory, inside or outside of the heap', async () => {
    expect(await failureOf(failing('buffers', { maxResidentBytes: 300 * 1024 * 1024 }))).toBe('parse_memory');
    expect(await failureOf(failing('heap', { heapMegabytes: 32 }))).toBe('parse_memory');
  });

  it('is stopped when it writes without end', async () => {
    expect(await failureOf(failing('flood', { limits: { ...defaultParseLimits, maxTextLength: 1_000_000 } }))).toBe(
      'too_large_uncompressed',
    );
  });

  it('knows nothing of the environment', async () => {
    const [section] = await failing('environment');
    expect(JSON.parse(section?.text ?? '')).toEqual({ environment: {}, folder: '/' });
  });
});

describe('limits on real documents', () => {
  it('stops a page that takes too long', async () => {
    const path = await reading.save('slow.html', slowPage);
    expect(
      await failureOf(reading.sectionsOf(path, 'text/html', { timeoutMs: 1_000, heapMegabytes: 2_048, maxResidentBytes: 4e9 })),
    ).toBe('parse_timeout');
  });

  it('stops a page that needs too much memory', async () => {
    const path = await reading.save('heavy.html', slowPage);
    expect(await failureOf(reading.sectionsOf(path, 'text/html', { heapMegabytes: 48 }))).toBe('parse_memory');
  });

  it('does not count the time for which its reader keeps it waiting', async () => {
    const path = await reading.save('patient.txt', 'A line of text.\n'.repeat(100_000));
    let length = 0;
    for await (const { text } of reading.parser({ timeoutMs: 8_000 }).parse(path, 'text/plain')) {
      // Real time must pass: what is tested is a clock that stands still.
      if (length === 0) await wait(8_500);
      length += text.length;
    }
    expect(length).toBe(1_600_000);
  });

  it('cuts and counts a row of a million columns in its own process', async () => {
    const path = await reading.save('wide.csv', `${Array.from({ length: 1_000_000 }, (_none, at) => at % 10).join(',')}\n`);
    let length = 0;
    for await (const chunk of reading.parser().chunks(path, 'text/csv', { chunkTokens: 512, overlapTokens: 0 })) {
      expect(chunk.tokens).toBeLessThanOrEqual(512);
      length += chunk.text.length;
    }
    expect(length).toBeGreaterThan(2_000_000);
  }, 120_000);

  it('reads the next document as if nothing had happened', async () => {
    const bomb = await reading.save('segfault', '');
    const reads = [
      reading.sectionsOf(bomb, 'text/plain', { childFile: failingParser }),
      reading.read('good.txt', 'All is well.'),
    ];
    const [bad, good] = await Promise.allSettled(reads);
    expect(bad?.status).toBe('rejected');
    expect(good).toEqual({ status: 'fulfilled', value: [{ text: 'All is well.', source: {} }] });
  });
});

describe('the life of a child', () => {
  it('starts as fast as anything else and yields to others once it has used a second of a processor', async () => {
    const before = await ownChildren();
    const parser = reading.parser({ maxDocuments: 50 });
    const sections = parser.parse(await reading.save('short.txt', 'All is well.'), 'text/plain');
    for await (const { text } of sections) expect(text).toBe('All is well.');
    const [child = 0] = (await ownChildren()).filter((pid) => !before.includes(pid));
    expect(getPriority(child)).toBe(getPriority());
    for await (const { text } of parser.parse(await reading.save('slow.html', slowPage), 'text/html')) {
      expect(text).toContain('text');
      const low = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
      await until('the child yields', () => Promise.resolve(getPriority(child) === low));
      break;
    }
  });

  it('ends with the abort, whose reason is thrown', async () => {
    const stop = new AbortController();
    const path = await reading.save('endless', '');
    const stopped = reading.sectionsOf(path, 'text/plain', { childFile: failingParser }, { signal: stop.signal });
    await until('the child runs', async () => (await childrenOf(process.pid, failingParser)).length === 1);
    stop.abort(new Error('The file was deleted.'));
    await expect(stopped).rejects.toThrow('The file was deleted.');
    expect(await childrenOf(process.pid, failingParser)).toEqual([]);
  });

  it('ends when the loop over its sections is left', async () => {
    const path = await reading.save('left.txt', 'A line of text.\n'.repeat(500_000));
    const before = await ownChildren();
    for await (const section of reading.parser({ maxDocuments: 50 }).parse(path, 'text/plain')) {
      expect(section.text).not.toBe('');
      expect(await ownChildren()).toHaveLength(before.length + 1);
      break;
    }
    expect(await ownChildren()).toEqual(before);
  });

  it('ends with a worker that is killed, even in the middle of its work', async () => {
    const path = await reading.save('orphan.html', slowPage);
    const program = `import { DocumentParser } from ${JSON.stringify(join(reading.compiled, 'platform/documents/document-parser.js'))};
      for await (const section of new DocumentParser({ heapMegabytes: 2048, maxResidentBytes: 4e9 }).parse(${JSON.stringify(path)}, 'text/html'));`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const [pid = 0] = await until('the child is at work', async () => {
      const found = await childrenOf(worker.pid ?? 0, reading.childFile);
      const seconds = await Promise.all(found.map(busySeconds));
      return seconds.some((busy) => busy > 0.6) && found;
    });
    worker.kill('SIGKILL');
    await until('the child is gone', async () => !(await commandOf(pid)).includes(reading.childFile));
    expect(pid).toBeGreaterThan(0);
  });

  it('tells a file that is not there from one that is damaged', async () => {
    await expect(reading.sectionsOf(join(reading.folder, 'absent.txt'), 'text/plain')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a child that has read its document well', () => {
  /** Reads documents one after another; tells of each how it ended and which process is kept after it. */
  async function readOneByOne(
    options: Partial<DocumentParserOptions>,
    documents: Readonly<Record<string, string>>,
  ): Promise<{ readonly outcome: string; readonly kept: number | undefined }[]> {
    const before = await ownChildren();
    const parser = reading.parser(options);
    const ends = [];
    for (const [name, content] of Object.entries(documents)) {
      const path = await reading.save(name, content);
      const outcome = await readAll(parser.parse(path, 'text/plain')).catch((error: unknown) => (error as { code: string }).code);
      ends.push({ outcome, kept: (await ownChildren()).find((pid) => !before.includes(pid)) });
    }
    return ends;
  }

  it('reads the next ones, until it has read as many as it may', async () => {
    const [one, two, three] = await readOneByOne({ maxDocuments: 2 }, { 'a.txt': 'One.', 'b.txt': 'Two.', 'c.txt': 'Three.' });
    expect([one?.outcome, two?.outcome, three?.outcome]).toEqual(['One.', 'Two.', 'Three.']);
    expect(one?.kept).toBeGreaterThan(0);
    expect(two?.kept).toBeUndefined();
    expect(three?.kept).not.toBe(one?.kept);
  });

  it('reads no document of another owner', async () => {
    const before = await ownChildren();
    const parser = reading.parser({ maxDocuments: 50 });
    const path = await reading.save('owned.txt', 'Mine.');
    const keptAfter: number[][] = [];
    for (const owner of ['ten_a', 'ten_a', 'ten_b', 'ten_a']) {
      expect(await readAll(parser.parse(path, 'text/plain', { owner }))).toBe('Mine.');
      const kept = async (): Promise<number[]> => (await ownChildren()).filter((pid) => !before.includes(pid));
      await until('one is kept, and what made room has ended', async () => (await kept()).length === 1);
      keptAfter.push(await kept());
    }
    const [first, second, other, third] = keptAfter.map(([pid]) => pid);
    expect(second).toBe(first);
    expect([first, third]).not.toContain(other);
    expect(third).not.toBe(first);
  });

  it('is not the one that failed or grew too large', async () => {
    const [good, bad, next] = await readOneByOne({ maxDocuments: 50 }, { 'a.txt': 'One.', 'empty.txt': ' ', 'c.txt': 'Three.' });
    expect([good?.outcome, bad?.outcome, next?.outcome]).toEqual(['One.', 'no_text', 'Three.']);
    expect(bad?.kept).toBeUndefined();
    expect(next?.kept).not.toBe(good?.kept);
    const [large] = await readOneByOne({ maxDocuments: 50, keptResidentBytes: 1 }, { 'a.txt': 'One.' });
    expect(large).toEqual({ outcome: 'One.', kept: undefined });
  });

  it('has the limits of one document for each', async () => {
    const limits = { ...defaultParseLimits, maxTextLength: 10 };
    const ends = await readOneByOne(
      { maxDocuments: 50, limits },
      { 'a.txt': '1234567', 'b.txt': '7654321', 'c.txt': '12345678901' },
    );
    expect(ends.map(({ outcome }) => outcome)).toEqual(['1234567', '7654321', 'too_large_uncompressed']);
  });

  it('reads one document at a time, beside others', async () => {
    const parser = reading.parser({ maxDocuments: 50 });
    const paths = await Promise.all(
      ['One', 'Two', 'Three'].map((text) => reading.save(`${text}.txt`, `${text}.\n`.repeat(20_000))),
    );
    const texts = await Promise.all(paths.map((path) => readAll(parser.parse(path, 'text/plain'))));
    expect(texts.map((text) => [text.slice(0, 3), text.length])).toEqual([
      ['One', 100_000],
      ['Two', 100_000],
      ['Thr', 140_000],
    ]);
  });

  it('ends when nothing comes for a while', async () => {
    const [only] = await readOneByOne({ maxDocuments: 50, idleMs: 3_000 }, { 'a.txt': 'One.' });
    expect(only?.kept).toBeGreaterThan(0);
    await until('it has ended', async () => !(await ownChildren()).includes(only?.kept ?? 0));
  });

  it('does not keep its parent alive', async () => {
    const path = await reading.save('short.txt', 'All is well.');
    const program = `import { DocumentParser } from ${JSON.stringify(join(reading.compiled, 'platform/documents/document-parser.js'))};
      for await (const { text } of new DocumentParser().parse(${JSON.stringify(path)}, 'text/plain')) process.stdout.write(text);`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    const said = worker.stdout.setEncoding('utf8').toArray();
    expect(await once(worker, 'exit')).toEqual([0, null]);
    expect(await said).toEqual(['All is well.']);
  });
});

async function readAll(sections: AsyncIterable<Section>): Promise<string> {
  let text = '';
  for await (const section of sections) text += section.text;
  return text;
}

/** The children of this process that read documents. */
function ownChildren(): Promise<number[]> {
  return childrenOf(process.pid, reading.childFile);
}

/** The children of a process that run this program. */
async function childrenOf(parent: number, program: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [, ppid] = (await statOf(pid)).map(Number);
      return ppid === parent && (await commandOf(pid)).includes(program);
    }),
  );
  return pids.filter((_, index) => found[index]);
}

function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** What the system tells of a process, from its state on. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Processor time that a process has used. */
async function busySeconds(pid: number): Promise<number> {
  const [user = 0, system = 0] = (await statOf(pid)).slice(11, 13).map(Number);
  return (user + system) / 100;
}
