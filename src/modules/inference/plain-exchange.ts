import type { IncomingHttpHeaders } from 'node:http';
import type { AppError } from '../../kernel/app-error.js';
import type { Said } from './count-tokens.js';
import { Exchange, mediaType, wrongAnswer } from './exchange.js';
import { encodeEmbeddings } from './wire/embeddings-encoding.js';
import { editReply } from './wire/reply-edit.js';
import { readUsage, type UsageTokens } from './wire/usage-tokens.js';

/** A call with one JSON answer: gathered, the model's name replaced, booked, then sent in one write. */
export class PlainExchange extends Exchange {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  onHead(headers: IncomingHttpHeaders): void {
    const type = mediaType(headers);
    if (type !== 'application/json' && !type.endsWith('+json'))
      throw wrongAnswer(`the provider answered with the media type "${type}"`);
    if (Number(headers['content-length'] ?? 0) > this.tools.maxReplyBytes)
      throw wrongAnswer('the provider answered with too many bytes');
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    this.firstByteAt ??= performance.now();
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    if (this.bytes > this.tools.maxReplyBytes) {
      this.call.cancel();
      this.onError(wrongAnswer('the provider answered with too many bytes'));
    }
  }

  onEnd(): void {
    if (this.over) return;
    const [only] = this.chunks;
    const reply = this.chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.chunks, this.bytes);
    const edited = editReply(reply, this.plan.publishedName);
    if (!edited.ok) {
      this.onError(wrongAnswer(`the provider's JSON is broken: ${edited.message}`));
      return;
    }
    this.tokens = readUsage(edited.usage);
    try {
      this.answer(this.plan.kind.modality === 'embed' ? encodeEmbeddings(edited.bytes, this.plan.encoding) : edited.bytes);
    } catch (error) {
      this.onError(wrongAnswer(`the provider's vectors are broken: ${String(error)}`));
    }
  }

  private answer(body: Buffer): void {
    if (this.tokens !== null) {
      this.finish('completed', 200, () => this.sink.json(body));
      return;
    }
    // Only an answer without usage is read for it: some providers say an error with status 200.
    if (tellsError(this.parsed())) {
      this.onError(wrongAnswer('the provider answered 200 with an error'));
      return;
    }
    this.finishCounted('completed', 200);
    this.sink.json(body);
  }

  protected override statusGiven(error: AppError): number {
    return error.status;
  }

  protected override reportedTokens(): UsageTokens | null {
    return null;
  }

  protected override received(): Said {
    return { form: 'json', bytes: this.chunks };
  }

  /** The reply as far as it came; undefined when that is no JSON. */
  private parsed(): unknown {
    try {
      return JSON.parse(Buffer.concat(this.chunks, this.bytes).toString('utf8'));
    } catch {
      return undefined;
    }
  }

  protected override release(): void {
    // Nothing is held but memory.
  }
}

/** True for `{"error": …}` without anything that was asked for. */
function tellsError(reply: unknown): boolean {
  if (typeof reply !== 'object' || reply === null) return false;
  const { error, choices, data } = reply as { readonly error?: unknown; readonly choices?: unknown; readonly data?: unknown };
  return typeof error === 'object' && error !== null && choices === undefined && data === undefined;
}
