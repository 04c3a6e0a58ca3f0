import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCommands, withoutCommands } from './commands.js';
import { SandboxError } from './errors.js';

describe('sandbox commands', () => {
  it('are read from every prompt, the last of a repeated one counting', () => {
    const commands = readCommands(['a [[pace:5]] b [[crlf]]', '[[pace:7]] [[tool:look_up]]']);
    expect(commands.number('pace')).toBe(7);
    expect(commands.has('crlf')).toBe(true);
    expect(commands.text('tool')).toBe('look_up');
    expect(commands.has('spaced')).toBe(false);
  });

  it('vanish from the text together with one blank, while unknown ones stay', () => {
    expect(withoutCommands('one [[pace:5]] two [[wiki]] [[no-done]]')).toBe('one two [[wiki]]');
    expect(withoutCommands('[[tool]] three')).toBe('three');
  });

  it.each(['[[pace]]', '[[pace:fast]]', '[[pace:-1]]', '[[status:200]]', '[[crlf:1]]', '[[refuse-once]]', '[[chunks:0]]'])(
    'a known command with a bad argument is refused: %s',
    (text) => {
      expect(() => readCommands([text])).toThrow(SandboxError);
    },
  );

  it('a text without double brackets is left as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('[['));
        expect(withoutCommands(text)).toBe(text);
        expect(readCommands([text]).isEmpty).toBe(true);
      }),
    );
  });
});
