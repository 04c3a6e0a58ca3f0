import { describe, expect, it } from '@jest/globals';
import { unsupportedFiles } from './supported-files.js';

const file = (url: string, mediaType: string) => ({ url, mediaType, place: 'messages[0].content[0]' });
const supportedUrls: Record<string, RegExp[]> = { 'image/*': [/^https:\/\//], 'application/pdf': [/^https:\/\/docs\.example\//] };

describe('a file that stands elsewhere', () => {
  it.each([
    ['https://a.example/x.png', 'image/*', supportedUrls],
    ['HTTPS://Docs.Example/x.pdf', 'application/pdf', supportedUrls],
    ['https://a.example/x', 'application/pdf', { '*': [/^https:/] }],
    ['https://a.example/x', 'image/*', { '*/*': [/^https:/] }],
  ])('is fetched by a provider that says so: %s as %s', async (url, mediaType, urls) => {
    expect(await unsupportedFiles({ supportedUrls: urls }, [file(url, mediaType)])).toEqual([]);
  });

  it.each([
    ['http://a.example/x.png', 'image/*', supportedUrls],
    ['https://a.example/x.pdf', 'application/pdf', supportedUrls],
    ['https://a.example/x.pdf', 'application/pdf', { 'text/*': [/^https:/] }],
  ])('is not fetched by any other: %s as %s', async (url, mediaType, urls: Record<string, RegExp[]>) => {
    const known = file('https://docs.example/y.pdf', 'application/pdf');
    const other = file(url, mediaType);
    expect(await unsupportedFiles({ supportedUrls: Promise.resolve(urls) }, [other])).toEqual([other]);
    if (urls === supportedUrls) expect(await unsupportedFiles({ supportedUrls: urls }, [known, other])).toEqual([other]);
  });
});
