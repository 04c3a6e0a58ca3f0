import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** What can send something out of the platform, by the files that give it. */
const senders =
  /from '[^']*\/(?:upstream\/(?:egress-client|one-call-client|egress-fetch|streamed-fetch|running-call|address-fetcher)|ai-sdk\/model-client)\.js'|import \{[^}]*\bexchange\b[^}]*\} from '[^']*whole-exchange\.js'/;

/** Who may send, and what: a call of a model after its ticket, or why it is none. */
const callers: Readonly<Record<string, string>> = {
  'modules/inference/exchange/exchange-tools.ts': 'Hands the clients to an exchange, which is started with a ticket.',
  'modules/inference/exchange/provider-call.ts': 'A try of an exchange, which is started with a ticket.',
  'modules/inference/exchange/fetched-parts.ts': "Fetches what an answer names at its provider's own origin.",
  'modules/inference/spoken/spoken-calls.ts': 'Says a call in the words of its provider, and sends nothing.',
  'modules/inference/attachments/call-addresses.ts': 'Fetches public addresses that a call names, after its ticket.',
  'modules/embeddings/embedding-client.ts': 'Calls with a ticket: see below.',
  'modules/connections/connection-probe.service.ts': 'Lists models, for whoever sets up a connection.',
  'modules/connections/login/oauth-server.ts': 'Gets tokens of a login.',
  'modules/connections/login/login-servers.ts': 'Gets tokens of a login.',
  'modules/sign-in/oidc/oidc-server.ts': "Asks the issuer of a tenant's own sign-in.",
  'modules/sign-in/oidc/oidc-servers.ts': "Asks the issuer of a tenant's own sign-in.",
  'modules/provider-jobs/provider-client.ts':
    "Files, batches and fine-tuning at a provider. Requests of a batch get their tickets when the provider's answers are read.",
  'modules/webhooks/webhook-delivery.service.ts': "Delivers events to a tenant's own address.",
  'platform/document-reader/reader-call.ts': "Sends documents to the operator's own reader.",
  'platform/document-reader/document-reader.ts': "Sends documents to the operator's own reader.",
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .filter((file) => !/^platform\/(?:upstream|ai-sdk)\//.test(file))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));

const textOf = (file: string): string => files.find((one) => one.file === file)?.text ?? '';

describe('what can call a provider', () => {
  it('is in listed files alone: a further one must take a ticket first, or say why it calls no model', () => {
    const found = files.filter(({ text }) => senders.test(text)).map(({ file }) => file);
    expect(found.sort()).toEqual(Object.keys(callers).sort());
  });

  it('an exchange cannot be started without a ticket, and the gates alone make tickets', () => {
    expect(textOf('modules/inference/exchange/exchange.ts')).toMatch(/export interface AdmittedCall[\s\S]*?readonly ticket: /);
    expect(textOf('modules/inference/exchange/exchange-starter.ts')).toMatch(/\bstart\([^)]*AdmittedCall/);
    const makers = files.filter(({ text }) => /\bnew Ticket\(/.test(text)).map(({ file }) => file);
    expect(makers).toEqual(['modules/usage/gates/gates.ts']);
  });

  it('the platform calls an embedding model only with a ticket', () => {
    expect(textOf('modules/embeddings/embedding-client.ts')).toMatch(
      /const ticket = await this\.reserved\([\s\S]*?await exchange\(/,
    );
  });
});
