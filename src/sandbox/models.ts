import { answerJson } from './answers.js';
import { Commands } from './commands.js';
import type { Exchange } from './exchange.js';

const created = Date.UTC(2026, 0, 1) / 1000;
const prefix = '/v1/models/';

const names = ['chat', 'embed', 'image', 'speech', 'transcribe', 'moderate'];

/** GET /v1/models: one name for each modality, though the sandbox answers to every name. */
export async function listModels(exchange: Exchange): Promise<void> {
  await answerJson(exchange, Commands.none, { object: 'list', data: names.map((name) => model(`sandbox-${name}`)) });
}

/** GET /v1/models/{id}: an object for any name, since any name can be called; `/` in it may be plain or encoded. */
export async function getModel(exchange: Exchange): Promise<void> {
  await answerJson(exchange, Commands.none, model(decoded(exchange.path.slice(prefix.length))));
}

function model(id: string): object {
  return { id, object: 'model', created, owned_by: 'sandbox' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
