import { z } from 'zod';
import { parsed, placeOf, type Reading } from './chat.js';

const response = z.object({ id: z.string(), model: z.string(), status: z.string(), output: z.array(z.unknown()).min(1) });

/** A response that was answered as a whole. */
export function readResponse(answer: unknown, model: string): Reading {
  const { success, data, error } = response.safeParse(answer);
  if (!success) return { wrong: `is no response: ${placeOf(error)}` };
  if (data.model !== model) return { wrong: `names the model ${data.model} and not ${model}` };
  return data.status === 'completed' ? { seen: 'answered as a whole' } : { wrong: `has the status ${data.status}` };
}

const event = z.object({ type: z.string(), response: z.unknown().optional() });

/** A response that was answered in events. */
export function readResponseStream(events: readonly string[], model: string): Reading {
  const read = events.map((text) => event.safeParse(parsed(text)));
  if (read.some(({ success }) => !success)) return { wrong: 'has an event without a type' };
  const known = read.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const last = known.at(-1);
  if (last?.type !== 'response.completed') return { wrong: `ends in ${last?.type ?? 'nothing'} and not in response.completed` };
  const whole = readResponse(last.response, model);
  const pieces = known.filter(({ type }) => type.endsWith('.delta')).length;
  return 'wrong' in whole ? whole : { seen: `answered in ${pieces} pieces` };
}
