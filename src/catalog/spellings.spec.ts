import { describe, expect, it } from '@jest/globals';
import { resolveSpelling } from './spellings.js';

describe('the spelling of a model', () => {
  it.each(['default', 'openclaw', 'openclaw/default', 'openclaw:default', 'agent:default'])(
    '%s is the default endpoint',
    (text) => {
      expect(resolveSpelling(text)).toEqual({ kind: 'default' });
    },
  );

  it.each([
    ['helper', 'helper'],
    ['openclaw/helper', 'helper'],
    ['openclaw:helper', 'helper'],
    ['agent:helper', 'helper'],
    ['openclawhelper', 'openclawhelper'],
    ['agent/helper', 'agent/helper'],
    ['my-openclaw/helper', 'my-openclaw/helper'],
    ['openclaw/agent:helper', 'agent:helper'],
    ['', ''],
  ])('%s names %s', (text, name) => {
    expect(resolveSpelling(text)).toEqual({ kind: 'name', name });
  });
});
