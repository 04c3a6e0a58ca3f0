import type { LanguageModelV3StreamPart, SharedV3Warning } from '@ai-sdk/provider';
import { leftOutHeader } from '../../contracts/wires.js';
import type { UpstreamHandle, UpstreamHandler } from '../upstream/upstream-call.js';
import type { ModelSource } from './model-drivers.js';
import { faultOf, UnsayableRequest, type ModelFault, type Refusal } from './model-fault.js';
import { readEmbeddingRequest, readLanguageRequest } from './model-request.js';
import { unsupportedFiles } from './supported-files.js';
import { leftOut, toldPart } from './told-parts.js';

const nobodyFetches =
  "The model's provider does not fetch this address, and the agent does not fetch it in its place (`fetch_addresses`). Send the data itself.";

/** What a model can be asked for. */
export type ModelOperation = 'generate' | 'stream' | 'embed';

/** What one call needs. */
export interface ModelCallParts {
  readonly operation: ModelOperation;
  /** See `model-request.ts`. */
  readonly body: Buffer;
  readonly handler: UpstreamHandler;
  /** Loads the package. */
  open(): Promise<ModelSource>;
  /** The model has told something of its stream. */
  heard(): void;
}

/**
 * One call of a model, told to its handler as the answer of a provider: a head, then the answer as JSON or its parts as events,
 * read only as fast as the handler takes them.
 */
export class ModelCall implements UpstreamHandle {
  private readonly leaving = new AbortController();
  private over = false;
  private isRead = false;
  private paused = false;
  private goOn: () => void = () => undefined;

  constructor(private readonly parts: ModelCallParts) {}

  /** Begins. Nothing is told before this has returned. */
  start(): void {
    queueMicrotask(() => void this.run());
  }

  get sent(): boolean {
    return this.isRead;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.goOn();
  }

  cancel(): void {
    this.over = true;
    this.leaving.abort();
    this.resume();
  }

  private async run(): Promise<void> {
    if (this.over) return;
    try {
      await this.make();
      this.finish((handler) => handler.onEnd());
    } catch (error) {
      this.fail(faultOf(error, this.isRead));
    } finally {
      // Whatever the package has left unread is read no more.
      this.leaving.abort();
    }
  }

  private async make(): Promise<void> {
    const { operation, body, open } = this.parts;
    const source = await open();
    if (operation === 'embed') await this.embed(source, body);
    else await this.speak(source, body, operation);
  }

  private async embed(source: ModelSource, body: Buffer): Promise<void> {
    const { model, options } = readEmbeddingRequest(body);
    this.isRead = true;
    const { embeddings, usage, warnings } = await source
      .embedding(model)
      .doEmbed({ ...options, abortSignal: this.leaving.signal });
    await this.giveJson({ embeddings, usage }, warnings);
  }

  private async speak(source: ModelSource, body: Buffer, operation: 'generate' | 'stream'): Promise<void> {
    const { model: name, options, files } = readLanguageRequest(body);
    this.isRead = true;
    const model = source.language(name);
    const [file] = await unsupportedFiles(model, files);
    if (file !== undefined) throw new UnsayableRequest(nobodyFetches, file.place);
    const asked = { ...options, abortSignal: this.leaving.signal };
    if (operation === 'stream') await this.giveStream((await model.doStream(asked)).stream);
    else {
      const { content, finishReason, usage, warnings } = await model.doGenerate(asked);
      await this.giveJson({ content, finishReason, usage }, warnings);
    }
  }

  private async giveStream(stream: ReadableStream<LanguageModelV3StreamPart>): Promise<void> {
    const reader = stream.getReader();
    let begun = false;
    for (;;) {
      await this.ready();
      const { done, value } = await reader.read();
      if (this.over || done) break;
      this.parts.heard();
      if (!begun) this.giveHead('text/event-stream', value.type === 'stream-start' ? value.warnings : []);
      begun = true;
      const told = toldPart(value);
      if (told !== undefined) this.give(`data: ${JSON.stringify(told)}\n\n`);
    }
    if (!begun) this.giveHead('text/event-stream', []);
  }

  private async giveJson(told: unknown, warnings: readonly SharedV3Warning[]): Promise<void> {
    this.giveHead('application/json', warnings);
    await this.ready();
    this.give(JSON.stringify(told));
  }

  private fail(fault: ModelFault): void {
    if ('failure' in fault) {
      this.finish((handler) => handler.onFailure(fault.failure));
      return;
    }
    try {
      this.refuse(fault.refusal);
    } catch (cause) {
      this.finish((handler) => handler.onFailure({ kind: 'broken', sent: true, cause }));
    }
  }

  private refuse({ status, headers, error }: Refusal): void {
    this.tell((handler) => handler.onHead(status, { 'content-type': 'application/json', ...headers }));
    this.give(JSON.stringify({ error }));
    this.finish((handler) => handler.onEnd());
  }

  private giveHead(type: string, warnings: readonly SharedV3Warning[]): void {
    const names = leftOut(warnings);
    const told = names.length === 0 ? {} : { [leftOutHeader]: names.join(', ') };
    this.tell((handler) => handler.onHead(200, { 'content-type': type, ...told }));
  }

  private give(text: string): void {
    this.tell((handler) => handler.onData(Buffer.from(text)));
  }

  private tell(what: (handler: UpstreamHandler) => void): void {
    if (!this.over) what(this.parts.handler);
  }

  /** The last word. What the handler throws at it is a fault of ours and must be seen. */
  private finish(what: (handler: UpstreamHandler) => void): void {
    if (this.over) return;
    this.over = true;
    try {
      what(this.parts.handler);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  /** Waits while the handler takes nothing. */
  private async ready(): Promise<void> {
    while (this.paused && !this.over)
      await new Promise<void>((resolve) => {
        this.goOn = resolve;
      });
  }
}
