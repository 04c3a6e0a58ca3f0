import { answerJson } from './answers.js';
import { Commands } from './commands.js';
import { SandboxError } from './errors.js';
import type { Exchange } from './exchange.js';

const created = Date.UTC(2026, 0, 1) / 1000;
const prefix = '/v1/models/';

const names = ['chat', 'embed', 'image', 'speech', 'transcribe', 'moderate'];

/** GET /v1/models: one name for each modality and the fine-tuned models, though the sandbox answers to every name. */
export async function listModels(exchange: Exchange): Promise<void> {
  const own = names.map((name) => `sandbox-${name}`);
  const data = [...own, ...exchange.state.tuning.models()].map(model);
  await answerJson(exchange, Commands.none, { object: 'list', data });
}

/** DELETE /v1/models/{id}: of a model that a fine-tuning job has made. */
export async function deleteModel(exchange: Exchange): Promise<void> {
  const id = decoded(exchange.path.slice(prefix.length));
  if (!exchange.state.tuning.removeModel(id)) {
    const message = `The model '${id}' does not exist or you do not have access to it.`;
    throw new SandboxError(404, { message, type: 'invalid_request_error', param: 'model', code: 'model_not_found' });
  }
  await answerJson(exchange, Commands.none, { id, object: 'model', deleted: true });
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
