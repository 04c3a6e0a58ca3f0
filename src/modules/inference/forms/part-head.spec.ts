import { describe, expect, it } from '@jest/globals';
import { loadPartHeadReader } from './part-head.js';

const read = await loadPartHeadReader();
const disposition = (text: string, further = ''): Buffer =>
  Buffer.from(`Content-Disposition: form-data${text}\r\n${further}\r\n`);

describe('the head of a part', () => {
  it.each([
    ['; name="model"', '', { name: 'model', filename: undefined }],
    ['; name=model', '', { name: 'model', filename: undefined }],
    ['; name="timestamp_granularities[]"', '', { name: 'timestamp_granularities[]', filename: undefined }],
    ['; name="file"; filename="a.mp3"', 'Content-Type: audio/mpeg\r\n', { name: 'file', filename: 'a.mp3' }],
    ['; name="file"; filename="; name=model.mp3"', '', { name: 'file', filename: '; name=model.mp3' }],
    ['; filename="ü.mp3"; name="file"', '', { name: 'file', filename: 'ü.mp3' }],
    ['; name="file"; filename="a"; filename*=UTF-8\'\'b%20c', '', { name: 'file', filename: 'b c' }],
    ['; name="file"', 'Content-Type: application/octet-stream\r\n', { name: 'file', filename: '' }],
  ])('%s says what it is', (text, further, said) => {
    expect(read(disposition(text, further))).toEqual(said);
  });

  it.each([
    ['no name', disposition('')],
    ['an empty name', disposition('; name=""')],
    ['two names', disposition('; name="a"; name="model"')],
    ['two names, one of them encoded', disposition('; name="a"; name*=UTF-8\'\'model')],
    ['two dispositions', disposition('; name="a"', 'Content-Disposition: form-data; name="model"\r\n')],
    ['a disposition over two lines', Buffer.from('Content-Disposition: form-data;\r\n name="model"\r\n\r\n')],
    ['another disposition', Buffer.from('Content-Disposition: attachment; name="model"\r\n\r\n')],
    ['no disposition', Buffer.from('Content-Type: text/plain\r\n\r\n')],
    ['nothing', Buffer.from('\r\n')],
    ['what is no header', Buffer.from('model\r\n\r\n')],
    ['a quotation that does not end', disposition(`; name="a"; filename="${'\\"'.repeat(8_000)}`)],
    ['a quotation that ends in a backslash', disposition(`; name="a"; filename="${'\\"'.repeat(7_900)}\\`)],
    ['too long a name', disposition(`; name="${'n'.repeat(201)}"`)],
  ])('with %s is refused', (_what, head) => {
    expect(() => read(head)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
