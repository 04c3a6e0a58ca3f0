import type OpenAI from 'openai';
import type { Call, Heard, Usage } from '../fixtures/conversations/form.js';

type Logprob = readonly [string, number, number];
interface Token {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs?: readonly unknown[];
}

/** What is put together of an answer while it comes. */
class Hearing {
  thought = '';
  text = '';
  refusal = '';
  readonly calls = new Map<unknown, { id: string; name: string; input: string; isCustom: boolean }>();
  readonly logprobs: Logprob[] = [];
  end = 'failed';
  usage: Usage | null = null;

  hearTokens(tokens: readonly Token[] | null | undefined): void {
    for (const { token, logprob, top_logprobs: others = [] } of tokens ?? []) this.logprobs.push([token, logprob, others.length]);
  }

  hearCall(place: unknown, call: Call): void {
    this.calls.set(place, { ...call });
  }

  grow(place: unknown, input: string): void {
    const call = this.calls.get(place);
    if (call !== undefined) call.input += input;
  }

  whole(): Heard {
    const { thought, text, refusal, calls, logprobs, end, usage } = this;
    return { thought, text, refusal, calls: [...calls.values()], logprobs, end, usage };
  }
}

/** A chat answer as what was said in it. */
export function heardOfChat({ choices, usage }: OpenAI.ChatCompletion): Heard {
  const [choice] = choices;
  const hearing = new Hearing();
  const message = choice?.message as (OpenAI.ChatCompletionMessage & { reasoning_content?: string }) | undefined;
  hearing.thought = message?.reasoning_content ?? '';
  hearing.text = message?.content ?? '';
  hearing.refusal = message?.refusal ?? '';
  message?.tool_calls?.forEach((call, at) => hearing.hearCall(at, callOf(call)));
  hearing.hearTokens(choice?.logprobs?.content);
  hearing.end = endOfChat(choice?.finish_reason ?? 'none');
  hearing.usage = usageOfChat(usage);
  return hearing.whole();
}

/** The chunks of a chat as what was said in them. */
export function heardOfChunks(chunks: readonly OpenAI.ChatCompletionChunk[], hasFailed: boolean): Heard {
  const hearing = new Hearing();
  for (const { choices, usage } of chunks) {
    hearing.usage = usageOfChat(usage) ?? hearing.usage;
    const [choice] = choices;
    if (choice === undefined) continue;
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string };
    hearing.thought += delta.reasoning_content ?? '';
    hearing.text += delta.content ?? '';
    hearing.refusal += delta.refusal ?? '';
    hearing.hearTokens(choice.logprobs?.content);
    for (const call of delta.tool_calls ?? []) {
      const told = callOf({ id: '', ...call });
      if (hearing.calls.has(call.index)) hearing.grow(call.index, told.input);
      else hearing.hearCall(call.index, told);
    }
    if (choice.finish_reason !== null) hearing.end = endOfChat(choice.finish_reason);
  }
  if (hasFailed) hearing.end = 'failed';
  return hearing.whole();
}

/** A response as what was said in it. */
export function heardOfResponse(response: OpenAI.Responses.Response): Heard {
  const hearing = new Hearing();
  const thoughts: string[] = [];
  response.output.forEach((item, at) => {
    if (item.type === 'reasoning') thoughts.push(...item.summary.map(({ text }) => text));
    else if (item.type === 'function_call')
      hearing.hearCall(at, { id: item.call_id, name: item.name, input: item.arguments, isCustom: false });
    else if (item.type === 'custom_tool_call')
      hearing.hearCall(at, { id: item.call_id, name: item.name, input: item.input, isCustom: true });
    else if (item.type === 'message')
      for (const part of item.content) {
        if (part.type === 'refusal') hearing.refusal += part.refusal;
        else {
          hearing.text += part.text;
          hearing.hearTokens(part.logprobs);
        }
      }
  });
  hearing.thought = thoughts.join('\n');
  hearing.end = endOfResponse(response, hearing.calls.size > 0);
  hearing.usage = hearing.end === 'failed' ? null : usageOfResponse(response.usage);
  return hearing.whole();
}

/** The events of a response as what was said in them, piece by piece. */
export function heardOfEvents(events: readonly OpenAI.Responses.ResponseStreamEvent[]): Heard {
  const hearing = new Hearing();
  let summaries = 0;
  for (const event of events)
    switch (event.type) {
      case 'response.reasoning_summary_part.added':
        hearing.thought += summaries === 0 ? '' : '\n';
        summaries += 1;
        break;
      case 'response.reasoning_summary_text.delta':
        hearing.thought += event.delta;
        break;
      case 'response.output_text.delta':
        hearing.text += event.delta;
        hearing.hearTokens(event.logprobs as readonly Token[]);
        break;
      case 'response.refusal.delta':
        hearing.refusal += event.delta;
        break;
      case 'response.output_item.added':
        if (event.item.type === 'function_call' || event.item.type === 'custom_tool_call') {
          const { type, call_id: id, name } = event.item;
          hearing.hearCall(event.output_index, { id, name, input: '', isCustom: type === 'custom_tool_call' });
        }
        break;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        hearing.grow(event.output_index, event.delta);
        break;
      case 'response.completed':
      case 'response.incomplete':
        hearing.end = endOfResponse(event.response, hearing.calls.size > 0);
        hearing.usage = usageOfResponse(event.response.usage);
        break;
      default:
    }
  return hearing.whole();
}

interface ToldCall {
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
  readonly custom?: { readonly name: string; readonly input: string };
}

function callOf({ id = '', function: told, custom }: ToldCall): Call {
  if (custom !== undefined) return { id, name: custom.name, input: custom.input, isCustom: true };
  return { id, name: told?.name ?? '', input: told?.arguments ?? '', isCustom: false };
}

function endOfChat(reason: string): string {
  return reason === 'tool_calls' ? 'calls' : reason;
}

function endOfResponse({ status, incomplete_details: details }: OpenAI.Responses.Response, hasCalls: boolean): string {
  if (status === 'completed') return hasCalls ? 'calls' : 'stop';
  if (status !== 'incomplete') return 'failed';
  return details?.reason === 'max_output_tokens' ? 'length' : (details?.reason ?? 'none');
}

function usageOfChat(usage: OpenAI.CompletionUsage | null | undefined): Usage | null {
  if (usage === null || usage === undefined) return null;
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    thought: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

function usageOfResponse(usage: OpenAI.Responses.ResponseUsage | null | undefined): Usage | null {
  if (usage === null || usage === undefined) return null;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cached: usage.input_tokens_details.cached_tokens,
    thought: usage.output_tokens_details.reasoning_tokens,
  };
}
