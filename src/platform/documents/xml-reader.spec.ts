import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { prefixedAttribute, XmlReader } from './xml-reader.js';

function eventsOf(pieces: readonly string[]): string[] {
  const events: string[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') events.push(`text ${text}`);
    text = '';
  };
  const reader = new XmlReader({
    open: (name, attributes) => {
      flush();
      events.push(`open ${name} ${JSON.stringify(attributes)}`);
    },
    close: (name) => {
      flush();
      events.push(`close ${name}`);
    },
    text: (piece) => {
      text += piece;
    },
  });
  for (const piece of pieces) reader.write(piece);
  flush();
  return events;
}

const sample = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "<b>">]><!-- <no> --><x:a x:k="1>0" k='"'>A &amp; B&#x41;&#66;&e;<b/><![CDATA[<c> & ]]>𠮷</x:a >`;

describe('XmlReader', () => {
  it('gives elements, texts and attributes, and expands only the five names and numbers', () => {
    expect(eventsOf([sample])).toEqual([
      `open a {"x:k":"1>0","k":"\\""}`,
      'text A & BAB&e;',
      'open b {}',
      'close b',
      'text <c> & 𠮷',
      'close a',
    ]);
  });

  it('gives the same wherever the text is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(sample.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), sample.length];
        expect(eventsOf(places.slice(1).map((end, index) => sample.slice(places[index], end)))).toEqual(eventsOf([sample]));
      }),
    );
  });

  it('finds an attribute of a namespace by any prefix, but not without one', () => {
    expect(prefixedAttribute({ id: 'a', 'r:id': 'b' }, 'id')).toBe('b');
    expect(prefixedAttribute({ 'ns1:id': 'c', 'ns1:name': 'd' }, 'id')).toBe('c');
    expect(prefixedAttribute({ id: 'a' }, 'id')).toBeUndefined();
  });

  it('gives up on a nesting that no document has', () => {
    expect(() => eventsOf(['<a>'.repeat(500_000)])).toThrow('damaged');
  });

  it('gives up on markup without an end', () => {
    const reader = new XmlReader({});
    expect(() => {
      for (let count = 0; count < 100; count += 1) reader.write(`<a ${'x'.repeat(65_536)}`);
    }).toThrow('damaged');
  });
});
