import { found, skipped, well, type Check } from '../check.js';
import type { Reply } from './http-call.js';
import type { UsableModel } from './models.js';
import { refusalId, refused, seenIn } from './refusals.js';
import { heldMs } from './way-time.js';
import type { Visit } from './visit.js';
import { ownError, requestIdOf } from './whose-reply.js';

const check = 'call';
const streamCheck = 'stream';
const limitMs = 180_000;
/** So long something must hold the first byte back before it is called that: less is what lines and machines do. */
const heldFromMs = 1_000;
/** An answer whose parts arrive over so long was plainly not kept until its end. */
const spreadMs = 250;

/** Asks the model, in a stream where it chats, and judges the answer and how it came. */
export async function examineCall(visit: Visit, model: UsableModel): Promise<Check[]> {
  if (model.modalities.includes('chat') && visit.reaches('chat.completions.create')) return chat(visit, model.name);
  if (!model.modalities.includes('embed') || !visit.reaches('embeddings.create'))
    return [
      skipped(check, `${model.name} serves ${model.modalities.join(', ') || 'nothing'}, which is not tried with this key.`),
    ];
  const reply = await visit.post('/embeddings', { model: model.name, input: 'doctor' }, { limitMs });
  if (reply.status !== 200) return [await callFinding(visit, reply)];
  return [well(check, `${model.name} answers.`), skipped(streamCheck, 'Embeddings are not streamed.')];
}

async function chat(visit: Visit, name: string): Promise<Check[]> {
  const first = await ask(visit, name);
  if (first.status !== 200) return [await callFinding(visit, first)];
  if (!String(first.headers['content-type']).startsWith('text/event-stream'))
    return [found(check, 'reply-of-a-proxy', `A stream was asked for, and ${first.headers['content-type'] ?? 'nothing'} came.`)];
  const fault = eventError(first.text);
  if (fault !== undefined) return [found(check, 'provider-fails', `Within the stream: ${fault}`)];
  if (!first.isWhole || !/^data: \[DONE\]$/m.test(first.text))
    return [found(check, 'stream-cut-off', `It took ${Math.round(first.lastByteMs)} ms until then.`)];
  return [well(check, `${name} answers.`), await judgeStream(visit, name, first)];
}

function ask(visit: Visit, model: string): Promise<Reply> {
  const messages = [{ role: 'user', content: visit.wish.prompt }];
  return visit.post('/chat/completions', { model, messages, stream: true }, { limitMs });
}

async function judgeStream(visit: Visit, name: string, first: Reply): Promise<Check> {
  const held = heldMs(first, visit.quick);
  if (held === undefined)
    return skipped(streamCheck, 'The header openai-processing-ms did not arrive, so nothing can be measured.');
  if (held >= heldFromMs) {
    // Once may be chance.
    const second = await ask(visit, name);
    const again = second.status === 200 ? (heldMs(second, visit.quick) ?? 0) : 0;
    if (again >= heldFromMs)
      return found(
        streamCheck,
        'stream-held-back',
        `The first byte came ${Math.round(Math.min(held, again))} ms after it had been sent, twice.`,
      );
  }
  const spread = first.lastByteMs - (first.firstByteMs ?? 0);
  if (spread < spreadMs)
    return skipped(
      streamCheck,
      `The answer was over too soon (${Math.round(spread)} ms) to tell whether it is held back; ask for a longer one with --prompt.`,
    );
  return well(
    streamCheck,
    `the first byte came ${Math.round(held)} ms after it had been sent, the rest within ${Math.round(spread)} ms.`,
  );
}

/** What went wrong in the middle of a stream. */
function eventError(text: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('data: {"error"')) continue;
    try {
      const { error } = JSON.parse(line.slice(6)) as { error?: { message?: unknown } };
      return String(error?.message);
    } catch {
      return line.slice(0, 200);
    }
  }
  return undefined;
}

/** A failed call; of a provider's failure the admin plane knows more than a client is told. */
async function callFinding(visit: Visit, reply: Reply): Promise<Check> {
  const { key } = visit.wish;
  const id = refusalId(reply, key);
  const requestId = ownError(reply)?.requestId ?? requestIdOf(reply);
  if (visit.admin === null || visit.own === undefined || requestId === null || !id.startsWith('provider-'))
    return refused(check, reply, key);
  return visit.admin.whyProvider(check, visit.own, requestId, { id, seen: seenIn(reply) });
}
