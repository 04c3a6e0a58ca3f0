import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { decodeText, encodingOf } from './text-decoding.js';

const german =
  'Die Straße führt über die Brücke zur größten Mühle; dort gibt es süße Äpfel und öfter auch Käse für fünf Euro. '.repeat(3);
const russian = 'Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью. '.repeat(
  3,
);
const greek = 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. '.repeat(3);
const hebrew = 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון. '.repeat(3);
const arabic = 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا. '.repeat(3);
const japanese =
  'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられている。'.repeat(
    3,
  );
const chinese = '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。'.repeat(3);
const traditional = '人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神互相對待。'.repeat(3);
const korean =
  '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다. '.repeat(3);

function readBack(bytes: Buffer, declared?: string): string | undefined {
  const encoding = encodingOf(bytes, declared);
  return encoding === undefined ? undefined : decodeText(bytes, encoding);
}

describe('encodingOf and decodeText', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])('read any text with the mark of %s', (encoding) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.startsWith('\ufeff') && !text.startsWith('\u0000'));
        expect(readBack(iconv.encode(text, encoding, { addBOM: true }))).toBe(text);
      }),
    );
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])('read %s without a mark', (encoding) => {
    expect(readBack(iconv.encode(german, encoding))).toBe(german);
  });

  it.each([
    ['windows-1252', german],
    ['iso-8859-15', german],
    ['windows-1251', russian],
    ['koi8-r', russian],
    ['windows-1253', greek],
    ['iso-8859-7', greek.replaceAll('\u0386', 'Α')],
    ['windows-1255', hebrew],
    ['windows-1256', arabic],
    ['shift_jis', japanese],
    ['euc-jp', japanese],
    ['gb18030', chinese],
    ['big5', traditional],
    ['euc-kr', korean],
  ])('read %s without being told', (encoding, text) => {
    expect(readBack(iconv.encode(text, encoding))).toBe(text);
  });

  it('read Japanese of old mails', () => {
    const bytes = Buffer.concat([Buffer.from('Re: \u001b$B'), Buffer.from([0x46, 0x7c, 0x4b, 0x5c]), Buffer.from('\u001b(B\n')]);
    expect(readBack(bytes)).toBe('Re: 日本\n');
  });

  it('believe what a page says of itself, but not against valid UTF-8', () => {
    expect(readBack(iconv.encode('Łódź', 'iso-8859-2'), 'ISO-8859-2')).toBe('Łódź');
    expect(readBack(Buffer.from('Łódź'), 'iso-8859-2')).toBe('Łódź');
    expect(readBack(Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65]), 'no-such-encoding')).toBe('Grüße');
  });

  it('take the beginning of a UTF-8 text wherever it is cut', () => {
    const bytes = Buffer.from('Straße 東京 👍🏽');
    for (let length = 1; length < bytes.length; length += 1) expect(encodingOf(bytes.subarray(0, length))).toBe('utf-8');
  });

  it('keep UTF-8 with a few bad bytes UTF-8, in long texts and short ones', () => {
    const bad = Buffer.from([0xfc]);
    for (const text of [german, russian, greek, hebrew, arabic, japanese, chinese, korean]) {
      const bytes = Buffer.from(text);
      const middle = Buffer.concat([Buffer.from(text.slice(0, 40)), bad, Buffer.from(text.slice(40))]);
      expect(readBack(middle)).toBe(`${text.slice(0, 40)}\ufffd${text.slice(40)}`);
      expect(readBack(Buffer.concat([bytes, bad]), 'windows-1252')).toBe(`${text}\ufffd`);
    }
    expect(readBack(Buffer.concat([bad, Buffer.from(' Größe')]))).toBe('\ufffd Größe');
  });

  it('read logs with zero bytes and other control characters, also a hole of them', () => {
    const log = '12:00 started\n12:01 stopped \u001b[31mnow\u001b[0m\n'.repeat(20);
    expect(readBack(Buffer.from(`${'\0'.repeat(5_000)}${log}\0${log}\u0001`))).toContain('12:01 stopped');
    expect(readBack(Buffer.from('one line with\0one'))).toBe('one line with\0one');
    expect(encodingOf(Buffer.alloc(5_000))).toBeUndefined();
  });

  it('call nothing text that is not', () => {
    expect(encodingOf(Buffer.from([0, 1, 2, 3, 0, 255, 254, 7]))).toBeUndefined();
    expect(encodingOf(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]))).toBeUndefined();
  });
});
