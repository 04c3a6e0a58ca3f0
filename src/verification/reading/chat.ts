import { z } from 'zod';

/** How an answer was understood: what is told of it, or what is wrong with it. */
export type Reading = { readonly seen: string } | { readonly wrong: string };

const message = z.object({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() });
const completion = z.object({
  model: z.string(),
  choices: z.array(z.object({ message, finish_reason: z.string() })).min(1),
});

/** A chat that was answered as a whole. */
export function readChat(answer: unknown, model: string): Reading {
  const { success, data, error } = completion.safeParse(answer);
  if (!success) return { wrong: `is no chat completion: ${placeOf(error)}` };
  if (data.model !== model) return { wrong: `names the model ${data.model} and not ${model}` };
  const [choice] = data.choices;
  if (!says(choice?.message)) return { wrong: 'says nothing and calls no tool' };
  return { seen: `answered as a whole, finish reason ${choice?.finish_reason ?? ''}` };
}

const chunk = z.object({
  model: z.string(),
  choices: z.array(z.object({ delta: message.nullish(), finish_reason: z.string().nullish() })),
  usage: z.unknown().optional(),
});

/** A chat that was answered in chunks. @param asksUsage the client waits for a last chunk with usage. */
export function readChatStream(events: readonly string[], model: string, asksUsage: boolean): Reading {
  if (events.at(-1) !== '[DONE]') return { wrong: 'does not end in [DONE]' };
  const chunks: z.infer<typeof chunk>[] = [];
  for (const event of events.slice(0, -1)) {
    const { success, data } = chunk.safeParse(parsed(event));
    if (!success) return { wrong: `has an event that is no chunk: ${event.slice(0, 200)}` };
    chunks.push(data);
  }
  const foreign = chunks.find((piece) => piece.model !== model);
  if (foreign !== undefined) return { wrong: `names the model ${foreign.model} and not ${model}` };
  const pieces = chunks.filter(({ choices }) => choices.some(({ delta }) => says(delta)));
  if (pieces.length === 0) return { wrong: 'says nothing and calls no tool' };
  if (!chunks.some(({ choices }) => choices.some(({ finish_reason }) => typeof finish_reason === 'string')))
    return { wrong: 'finishes no choice' };
  const usage = chunks.some((piece) => typeof piece.usage === 'object' && piece.usage !== null);
  if (asksUsage && !usage) return { wrong: 'has no chunk with usage, which the client asks for and waits for' };
  return { seen: `answered in ${pieces.length} pieces${asksUsage ? ', with usage' : ''}` };
}

function says(piece: z.infer<typeof message> | null | undefined): boolean {
  return (piece?.content ?? '') !== '' || (piece?.tool_calls?.length ?? 0) > 0;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where an answer is not what it should be. */
export function placeOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}
