import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
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
    const path = await reading.save('slow.html', '<div>'.repeat(400_000));
    expect(
      await failureOf(reading.sectionsOf(path, 'text/html', { timeoutMs: 1_000, heapMegabytes: 2_048, maxResidentBytes: 4e9 })),
    ).toBe('parse_timeout');
  });

  it('stops a page that needs too much memory', async () => {
    const path = await reading.save('heavy.html', '<p>text</p>'.repeat(400_000));
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
  it('ends with the abort, whose reason is thrown', async () => {
    const stop = new AbortController();
    const path = await reading.save('endless', '');
    const stopped = reading.sectionsOf(path, 'text/plain', { childFile: failingParser }, { signal: stop.signal });
    await until('the child runs', async () => (await childrenReading(path)).length === 1);
    stop.abort(new Error('The file was deleted.'));
    await expect(stopped).rejects.toThrow('The file was deleted.');
    expect(await childrenReading(path)).toEqual([]);
  });

  it('ends when the loop over its sections is left', async () => {
    const path = await reading.save('left.txt', 'A line of text.\n'.repeat(500_000));
    for await (const section of reading.parser().parse(path, 'text/plain')) {
      expect(section.text).not.toBe('');
      break;
    }
    expect(await childrenReading(path)).toEqual([]);
  });

  it('ends with a worker that is killed, even in the middle of its work', async () => {
    const path = await reading.save('orphan.html', '<div>'.repeat(400_000));
    const program = `import { DocumentParser } from ${JSON.stringify(join(reading.compiled, 'platform/documents/document-parser.js'))};
      for await (const section of new DocumentParser({ heapMegabytes: 2048, maxResidentBytes: 4e9 }).parse(${JSON.stringify(path)}, 'text/html'));`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const [pid] = await until('the child is at work', async () => {
      const found = await childrenReading(path);
      const seconds = await Promise.all(found.map(busySeconds));
      return seconds.some((busy) => busy > 0.6) && found;
    });
    worker.kill('SIGKILL');
    await until('the child is gone', async () => (await childrenReading(path)).length === 0);
    expect(pid).toBeGreaterThan(0);
  });

  it('tells a file that is not there from one that is damaged', async () => {
    await expect(reading.sectionsOf(join(reading.folder, 'absent.txt'), 'text/plain')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** The processes that were started to read this document. */
async function childrenReading(path: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(`"path":${JSON.stringify(path)}`) === true).map(Number);
}

/** Processor time that a process has used. */
async function busySeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) / 100;
}
