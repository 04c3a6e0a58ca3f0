import { answerJson } from './answers.js';
import { chunkText } from './chunk-text.js';
import { readCompletionRequest, type CompletionRequest } from './completion-request.js';
import { withoutCommands } from './commands.js';
import type { Exchange } from './exchange.js';
import { playFaults } from './faults.js';
import { completionLogprobs } from './logprobs.js';
import { commandedText, decoratedEcho, limited, type LimitedText } from './reply-text.js';
import { datedModel } from './request-fields.js';
import { playStream } from './stream-script.js';
import { countTokens } from './tokens.js';
import { usageOf, type Usage } from './usage.js';

/** One choice of the answer: `echoed` is the prompt that the request wants repeated in front of it. */
interface Choice extends LimitedText {
  readonly index: number;
  readonly echoed: string;
}

/** POST /v1/completions, plain and streamed: the legacy form of chat, with the same echo. */
export async function completions(exchange: Exchange): Promise<void> {
  const request = readCompletionRequest(exchange.body);
  if (await playFaults(exchange, request.commands, request.model)) return;
  const choices = choicesOf(request, exchange);
  const usage = usageOf(
    promptTokens(request),
    choices.reduce((sum, choice) => sum + countTokens(choice.text), 0),
    request.commands,
  );
  if (request.stream && !request.commands.breaksBody) await streamCompletion(exchange, request, choices, usage);
  else await answerJson(exchange, request.commands, completion(exchange, request, choices, usage));
}

function choicesOf(request: CompletionRequest, exchange: Exchange): readonly Choice[] {
  return request.prompts.flatMap((prompt, position) => {
    const text =
      typeof prompt === 'string' ? withoutCommands(prompt) : `[${prompt.length} token${prompt.length === 1 ? '' : 's'}]`;
    const whole = commandedText(request.commands, exchange) ?? decoratedEcho(`You said: ${text}`, request.commands);
    const spoken = limited(whole, request.stop, request.maxTokens);
    const echoed = request.echo ? text : '';
    return Array.from({ length: request.choices }, (_unused, index) => ({
      ...spoken,
      echoed,
      index: position * request.choices + index,
    }));
  });
}

function promptTokens(request: CompletionRequest): number {
  return request.prompts.reduce((sum, prompt) => sum + (typeof prompt === 'string' ? countTokens(prompt) : prompt.length), 0);
}

function head(exchange: Exchange, request: CompletionRequest) {
  const created = Math.floor(Date.now() / 1000);
  return {
    id: exchange.state.newId('cmpl-'),
    object: 'text_completion',
    created,
    model: datedModel(request.model),
    system_fingerprint: 'fp_sandbox',
  };
}

function completion(exchange: Exchange, request: CompletionRequest, choices: readonly Choice[], usage: Usage): object {
  return {
    ...head(exchange, request),
    choices: choices.map((choice) => wireChoice(request, choice.index, choice.echoed + choice.text, choice.finishReason)),
    usage: request.commands.has('no-usage') ? undefined : usage,
  };
}

function wireChoice(request: CompletionRequest, index: number, text: string, finishReason: string | null): object {
  const logprobs = request.logprobs === undefined || text === '' ? null : completionLogprobs(text, request.logprobs, 0);
  return { text, index, logprobs, finish_reason: finishReason };
}

async function streamCompletion(
  exchange: Exchange,
  request: CompletionRequest,
  choices: readonly Choice[],
  usage: Usage,
): Promise<void> {
  const { commands } = request;
  const wantsUsage = request.includeUsage && !commands.has('no-usage');
  const inLast = wantsUsage && commands.has('usage-in-last');
  const common = head(exchange, request);
  const event = (wire: readonly object[], spent?: Usage) => ({
    ...common,
    choices: wire,
    usage: spent ?? (wantsUsage ? null : undefined),
  });
  await playStream(exchange, commands, {
    opening: choices
      .filter((choice) => choice.echoed !== '')
      .map((choice) => event([wireChoice(request, choice.index, choice.echoed, null)])),
    pieces: choices.flatMap((choice) =>
      chunkText(choice.text, commands.number('chunks')).map((text) => ({ index: choice.index, text })),
    ),
    pieceEvents: (piece) => [event([wireChoice(request, piece.index, piece.text, null)])],
    finish: choices.map((choice, position) =>
      event(
        [wireChoice(request, choice.index, '', choice.finishReason)],
        inLast && position === choices.length - 1 ? usage : undefined,
      ),
    ),
    usage: wantsUsage && !inLast ? event([], usage) : undefined,
  });
}
