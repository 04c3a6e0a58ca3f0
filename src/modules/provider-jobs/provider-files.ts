import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { ask, orGone, pageSize, pagesOf, type AskedProvider } from './asked-provider.js';
import { fileForm, type FilePurpose } from './file-form.js';
import { ProviderClient } from './provider-client.js';
import { providerFile, type ProviderFile } from './provider-objects.js';

/** OpenAI's files at a provider. Every call throws ProviderFault. */
@Injectable()
export class ProviderFiles {
  constructor(private readonly client: ProviderClient) {}

  /** Copies a content there, at the pace of the provider. */
  upload(
    asked: AskedProvider,
    { purpose, filename }: { readonly purpose: FilePurpose; readonly filename: string },
    content: AsyncIterable<Uint8Array>,
  ): Promise<ProviderFile> {
    const form = fileForm(purpose, filename, content);
    return ask(this.client, asked, { method: 'POST', path: '/files', form }, providerFile);
  }

  file(asked: AskedProvider, id: string): Promise<ProviderFile> {
    return ask(this.client, asked, { method: 'GET', path: placeOf(id) }, providerFile);
  }

  content({ connection, signal }: AskedProvider, id: string): Promise<Readable> {
    return this.client.content(connection, `${placeOf(id)}/content`, signal ?? new AbortController().signal);
  }

  /** All files of this name. */
  async named(asked: AskedProvider, purpose: FilePurpose, filename: string): Promise<ProviderFile[]> {
    const found: ProviderFile[] = [];
    const list = { path: '/files', query: { purpose, limit: pageSize } };
    for await (const file of pagesOf(this.client, asked, list, providerFile)) if (file.filename === filename) found.push(file);
    return found;
  }

  /** Removes a file; one that is gone already is no fault. */
  async remove(asked: AskedProvider, id: string): Promise<void> {
    await orGone(ask(this.client, asked, { method: 'DELETE', path: placeOf(id) }, z.unknown()));
  }
}

function placeOf(id: string): string {
  return `/files/${encodeURIComponent(id)}`;
}
