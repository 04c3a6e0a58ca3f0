import { describe, expect, it } from '@jest/globals';
import { unsupportedFile } from './supported-files.js';

const file = (url: string, mediaType: string) => ({ url, mediaType, place: 'messages[0].content[0]' });
const supportedUrls: Record<string, RegExp[]> = { 'image/*': [/^https:\/\//], 'application/pdf': [/^https:\/\/docs\.example\//] };

describe('a file that stands elsewhere', () => {
  it.each([
    ['https://a.example/x.png', 'image/*', supportedUrls],
    ['HTTPS://Docs.Example/x.pdf', 'application/pdf', supportedUrls],
    ['https://a.example/x', 'application/pdf', { '*': [/^https:/] }],
    ['https://a.example/x', 'image/*', { '*/*': [/^https:/] }],
  ])('is fetched by a provider that says so: %s as %s', async (url, mediaType, urls) => {
    expect(await unsupportedFile({ supportedUrls: urls }, [file(url, mediaType)])).toBeUndefined();
  });

  it.each([
    ['http://a.example/x.png', 'image/*', supportedUrls],
    ['https://a.example/x.pdf', 'application/pdf', supportedUrls],
    ['https://a.example/x.pdf', 'application/pdf', { 'text/*': [/^https:/] }],
  ])('is not fetched by any other: %s as %s', async (url, mediaType, urls: Record<string, RegExp[]>) => {
    const known = file('https://docs.example/y.pdf', 'application/pdf');
    const other = file(url, mediaType);
    expect(await unsupportedFile({ supportedUrls: Promise.resolve(urls) }, [other])).toBe(other);
    if (urls === supportedUrls) expect(await unsupportedFile({ supportedUrls: urls }, [known, other])).toBe(other);
  });
});
