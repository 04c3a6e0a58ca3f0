import { describe, expect, it } from '@jest/globals';
import { TypedEvents } from './typed-events.js';

const form = { last: new Set(['sound.done']), parts: 1, withheld: [], measures: () => undefined };
const json = '{"type":"sound.delta","audio":"AAA"}';
const passed = `event: sound.delta\ndata: ${json}\n\n`;

describe('an event that passes', () => {
  it.each([
    ['as OpenAI writes it', `event: sound.delta\ndata: ${json}\n\n`],
    ['without the line of its type', `data: ${json}\n\n`],
    ['without the space', `event: sound.delta\ndata:${json}\n\n`],
    ['with more spaces', `event: sound.delta\ndata:   ${json}\n\n`],
    ['with carriage returns', `event: sound.delta\r\ndata: ${json}\r\n\r\n`],
    ['with its lines the other way round', `data: ${json}\nevent: sound.delta\n\n`],
  ])('%s leaves in one form', (_name, sent) => {
    const stream = new TypedEvents('published', form, { maxEventBytes: 1_000 }, undefined);
    expect(String(stream.push(Buffer.from(sent)))).toBe(passed);
  });
});
