import { z } from 'zod';
import type { ClientHabits } from '../../catalog/runbooks/client-habits.js';
import { placeOf, type Reading } from './chat.js';

const list = z.object({ data: z.array(z.object({ embedding: z.union([z.string(), z.array(z.number())]) })).length(1) });

/** One embedding in the encoding that the client asked for. */
export function readEmbeddings(answer: unknown, { encoding }: ClientHabits['embeddings']): Reading {
  const { success, data, error } = list.safeParse(answer);
  if (!success) return { wrong: `is no list of one embedding: ${placeOf(error)}` };
  const embedding = data.data[0]?.embedding ?? [];
  if ((typeof embedding === 'string') !== (encoding === 'base64'))
    return { wrong: `has an embedding that is not ${encoding === 'base64' ? 'in base64' : 'a list of numbers'}` };
  const length = typeof embedding === 'string' ? Buffer.from(embedding, 'base64').length / 4 : embedding.length;
  return length > 0 && Number.isInteger(length)
    ? { seen: `embedded in ${length} numbers` }
    : { wrong: 'has an embedding of no whole numbers' };
}
