import { isFields, type Fields } from '../../../../../kernel/fields.js';
import { citationsOf, citationsOfTexts } from './citations.js';

/** A call of a tool, by its place among the calls. */
interface ToldCall {
  readonly index: number;
  readonly isCustom: boolean;
  /** How much of its input was told. */
  told: number;
}

/** Tells the typed events of a response as the deltas of a chat, each as soon as it has come. */
export class ResponseToChat {
  private readonly withLogprobs = new Set<string>();
  private readonly calls = new Map<unknown, ToldCall>();
  private readonly texts = new Map<string, number>();
  private hasRole = false;
  /** Which part of the reasoning is being told. */
  private thought: string | undefined;

  /** @param takingNothing names of functions without parameters. */
  constructor(private readonly takingNothing: ReadonlySet<unknown>) {}

  /** What an event says. @returns choices, each for a chunk of its own. */
  take(event: Fields): Fields[] {
    const { type, delta } = event;
    switch (type) {
      case 'response.output_text.delta':
        this.count(event, delta);
        if (isFilled(event['logprobs'])) this.withLogprobs.add(placeOf(event));
        return this.said({ content: delta }, event['logprobs']);
      case 'response.output_text.done':
        return this.rest(event, event['text']);
      case 'response.output_text.annotation.added':
        return citationsOf([event['annotation']], 0)
          .map((citation) => this.said({ annotations: [citation] }))
          .flat();
      case 'response.refusal.delta':
        return this.said({ refusal: delta });
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.think(event, delta);
      case 'response.output_item.added':
        return isFields(event['item']) ? this.begin(event['item'], event) : [];
      case 'response.output_item.done':
        return isFields(event['item']) ? this.whole(event['item'], event) : [];
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.grow(event, delta);
      default:
        return [];
    }
  }

  /** The last choice. @param response the whole one. */
  end(response: Fields): Fields {
    return {
      index: 0,
      delta: this.hasRole ? {} : { role: 'assistant', content: '' },
      finish_reason: finishOf(response),
      logprobs: null,
    };
  }

  /** Thoughts of several parts stand in lines of their own, as in a whole reply. */
  private think({ type, output_index: place, summary_index: summary, content_index: part }: Fields, delta: unknown): Fields[] {
    const thought = [place, type, summary ?? part].join('/');
    const isNext = this.thought !== undefined && this.thought !== thought;
    this.thought = thought;
    return this.said({ reasoning_content: isNext ? `\n${String(delta)}` : delta });
  }

  private begin(item: Fields, { output_index: place }: Fields): Fields[] {
    const isCustom = item['type'] === 'custom_tool_call';
    if (!isCustom && item['type'] !== 'function_call') return [];
    const call: ToldCall = { index: this.calls.size, isCustom, told: 0 };
    this.calls.set(place, call);
    const { call_id: id, name } = item;
    return this.said({ tool_calls: [{ index: call.index, id, ...toolOf(call, { name }, '') }] });
  }

  private grow({ output_index: place }: Fields, delta: unknown): Fields[] {
    const call = this.calls.get(place);
    if (call === undefined || typeof delta !== 'string' || delta === '') return [];
    call.told += delta.length;
    return this.said({ tool_calls: [{ index: call.index, ...toolOf(call, {}, delta) }] });
  }

  /** What an item says only when it is whole. */
  private whole(item: Fields, event: Fields): Fields[] {
    const { output_index: place } = event;
    if (item['type'] === 'function_call' || item['type'] === 'custom_tool_call') {
      const begun = this.calls.has(place) ? [] : this.begin(item, event);
      const call = this.calls.get(place);
      const input = call?.isCustom === true ? item['input'] : argumentsOf(item, this.takingNothing);
      const left = typeof input === 'string' && call !== undefined ? input.slice(call.told) : '';
      return [...begun, ...this.grow(event, left)];
    }
    return [];
  }

  private count(event: Fields, delta: unknown): void {
    const place = placeOf(event);
    this.texts.set(place, (this.texts.get(place) ?? 0) + (typeof delta === 'string' ? delta.length : 0));
  }

  private rest(event: Fields, text: unknown): Fields[] {
    const left = typeof text === 'string' ? text.slice(this.texts.get(placeOf(event)) ?? 0) : '';
    this.count(event, left);
    // Some providers tell the log probabilities only of the whole text.
    const logprobs = this.withLogprobs.has(placeOf(event)) ? undefined : event['logprobs'];
    return left === '' && !isFilled(logprobs) ? [] : this.said({ content: left }, logprobs);
  }

  private said(delta: Fields, logprobs: unknown = undefined): Fields[] {
    const first = this.hasRole ? {} : { role: 'assistant' };
    this.hasRole = true;
    const told = isFilled(logprobs) ? { content: logprobs, refusal: null } : null;
    return [{ index: 0, delta: { ...first, ...delta }, finish_reason: null, logprobs: told }];
  }
}

/** A whole response as the one choice of a chat reply. @param takingNothing names of functions without parameters. */
export function choiceOfResponse(response: Fields, takingNothing: ReadonlySet<unknown>): Fields {
  const output = listOf(response['output']);
  const parts = output.flatMap(({ type, content }) => (type === 'message' ? listOf(content) : []));
  const texts = parts.filter(({ type }) => type === 'output_text');
  const refusal = parts.find(({ type }) => type === 'refusal');
  const thought = output.flatMap(({ type, summary, content }) =>
    type === 'reasoning' ? [summary, content].flatMap((told) => listOf(told).map(({ text }) => text)) : [],
  );
  const calls = output
    .filter(({ type }) => type === 'function_call' || type === 'custom_tool_call')
    .map((item) => {
      const call = { isCustom: item['type'] === 'custom_tool_call' };
      return {
        id: item['call_id'],
        ...toolOf(call, { name: item['name'] }, call.isCustom ? item['input'] : argumentsOf(item, takingNothing)),
      };
    });
  const logprobs = texts.flatMap((part) => (Array.isArray(part['logprobs']) ? (part['logprobs'] as unknown[]) : []));
  return {
    index: 0,
    message: {
      role: 'assistant',
      content: texts.length === 0 ? null : texts.map(({ text }) => text).join(''),
      refusal: refusal?.['refusal'] ?? null,
      ...(thought.length === 0 ? {} : { reasoning_content: thought.join('\n') }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      annotations: citationsOfTexts(texts),
    },
    logprobs: logprobs.length === 0 ? null : { content: logprobs, refusal: null },
    finish_reason: finishOf(response),
  };
}

function toolOf({ isCustom }: { readonly isCustom: boolean }, named: Fields, input: unknown): Fields {
  return isCustom
    ? { type: 'custom', custom: { ...named, input } }
    : { type: 'function', function: { ...named, arguments: input } };
}

/** The arguments of a call: none is an empty object where the function takes nothing. */
function argumentsOf({ name, arguments: given }: Fields, takingNothing: ReadonlySet<unknown>): unknown {
  return given === '' && takingNothing.has(name) ? '{}' : given;
}

function isFilled(list: unknown): list is unknown[] {
  return Array.isArray(list) && list.length > 0;
}

function finishOf(response: Fields): string {
  const why = isFields(response['incomplete_details']) ? response['incomplete_details']['reason'] : undefined;
  if (response['status'] === 'incomplete') return why === 'content_filter' ? 'content_filter' : 'length';
  const output = listOf(response['output']);
  const calls = output.some(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  return calls ? 'tool_calls' : 'stop';
}

function listOf(told: unknown): Fields[] {
  return Array.isArray(told) ? (told as unknown[]).filter(isFields) : [];
}

function placeOf({ output_index: place, content_index: part }: Fields): string {
  return `${String(place)}/${String(part)}`;
}
