import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanFileName } from './file-name.js';

describe('cleanFileName', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\a b.docx', 'a b.docx'],
    ['دليل الموظف.pdf', 'دليل الموظف.pdf'],
    ['社内規程.txt', '社内規程.txt'],
    ['50%.pdf', '50%.pdf'],
    ['a\r\nset-cookie: x\0.txt', 'aset-cookie: x.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a\uD800b\uDC00.txt', 'a\uFFFDb\uFFFD.txt'],
    ['..', 'file'],
    ['/', 'file'],
    [' \t', 'file'],
  ])('makes %j %j', (given, cleaned) => {
    expect(cleanFileName(given)).toBe(cleaned);
  });

  it('keeps the ending of a long name and parts no character', () => {
    expect(cleanFileName(`${'x'.repeat(300)}.pdf`)).toBe(`${'x'.repeat(251)}.pdf`);
    const emoji = cleanFileName(`${'😀'.repeat(200)}.md`);
    expect(emoji).toBe(`${'😀'.repeat(126)}.md`);
    expect(encodeURIComponent(emoji)).toContain('%F0');
  });

  it('gives for any text a short name without path or control characters, and the same for that name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 600 }), (text) => {
        const name = cleanFileName(text);
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/[/\\\p{Cc}]/u);
        expect(() => encodeURIComponent(name)).not.toThrow();
        expect(cleanFileName(name)).toBe(name);
      }),
    );
  });
});
