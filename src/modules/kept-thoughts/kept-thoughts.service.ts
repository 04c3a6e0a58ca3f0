import { Injectable } from '@nestjs/common';
import { Log, redact } from '../../observability/log.js';
import { databaseInTime, patienceMs } from '../../platform/database/patience.js';
import { KeyRing, type SealContext } from '../../platform/secrets/key-ring.js';
import { callMark } from './call-mark.js';
import { fittingCalls } from './fitting-calls.js';
import { KeptThoughtsRepository, type FoundRow } from './kept-thoughts.repository.js';
import { ThoughtMemory } from './thought-memory.js';
import type { AnsweredCall, CallOrigin, ToolCall } from './tool-call.js';

/** All that a process remembers. */
const memoryBytes = 32 * 1024 * 1024;
const dayMs = 24 * 60 * 60 * 1000;
/** How long the database is not asked again for what it did not have. */
const absentMs = 60_000;

/** What goes back with calls, by their ids. */
export type FoundThoughts = ReadonlyMap<string, Buffer>;

/**
 * Keeps what a provider wants back with its calls of tools, and finds it when a client brings such a call without it. A call
 * is the same only with its id, its name and its input, from the same key, connection and model.
 */
@Injectable()
export class KeptThoughts {
  private readonly memory = new ThoughtMemory(memoryBytes);

  constructor(
    private readonly repository: KeptThoughtsRepository,
    private readonly ring: KeyRing,
    private readonly log: Log,
  ) {}

  /**
   * What is kept with these calls: at once where the process remembers all of them, else from the database. While that
   * cannot be reached, what is remembered is all. Never rejects.
   * @param calls the most important first: there is a limit to what is read.
   */
  find(origin: CallOrigin, calls: readonly ToolCall[], requestId: string): FoundThoughts | Promise<FoundThoughts> {
    const asked = calls.map((call) => ({ id: call.id, mark: callMark(origin, call) }));
    const found = new Map<string, Buffer>();
    const missing = new Set<string>();
    for (const { mark } of asked) {
      const known = this.memory.get(origin.tenantId, mark);
      if (known === undefined) missing.add(mark);
      else if (known.content !== undefined) found.set(mark, known.content);
    }
    if (missing.size === 0) return byIds(asked, found);
    return this.lookUp(origin, [...missing], requestId).then((read) => byIds(asked, new Map([...found, ...read])));
  }

  /**
   * Keeps what the provider wants back with the calls of a whole answer, for a day. From then on the client's next request
   * finds it in every process. Where it cannot be written, this process alone remembers it. Never rejects.
   */
  async keep(origin: CallOrigin, calls: readonly AnsweredCall[], requestId: string): Promise<void> {
    const marked = calls.map((call) => ({ mark: callMark(origin, call), kept: call.kept }));
    const rows: { readonly mark: string; readonly content: Buffer | undefined }[] = [];
    for (const { mark, kept } of fittingCalls(marked)) {
      const content = this.memory.answered(origin.tenantId, mark, kept, dayMs);
      if (kept !== undefined) rows.push({ mark, content });
    }
    if (rows.length === 0) return;
    try {
      const sealed = rows.map(({ mark, content }) => ({ mark, content: this.sealed(origin, mark, content) }));
      await databaseInTime(this.repository.insert(origin, sealed), patienceMs.unknown);
    } catch (error) {
      this.warn('the thoughts of an answer could not be kept', requestId, error);
    }
  }

  private async lookUp(origin: CallOrigin, marks: readonly string[], requestId: string): Promise<FoundThoughts> {
    const found = new Map<string, Buffer>();
    try {
      const rows = await databaseInTime(this.repository.find(origin, marks), patienceMs.unknown);
      for (const row of rows) {
        const content = this.opened(origin, row, requestId);
        if (content === undefined) continue;
        found.set(row.mark, content);
        this.memory.read(origin.tenantId, row.mark, content, row.leftMs);
      }
      for (const mark of marks) if (!found.has(mark)) this.memory.read(origin.tenantId, mark, undefined, absentMs);
    } catch (error) {
      this.warn('the thoughts of earlier answers could not be read', requestId, error);
    }
    return found;
  }

  private sealed(origin: CallOrigin, mark: string, content: Buffer | undefined): Buffer | null {
    return content === undefined ? null : this.ring.sealBytes(content, sealContext(origin, mark));
  }

  private opened(origin: CallOrigin, { mark, content }: FoundRow, requestId: string): Buffer | undefined {
    try {
      return this.ring.openBytes(content, sealContext(origin, mark));
    } catch (error) {
      this.warn('the thoughts of an earlier answer could not be opened', requestId, error);
      return undefined;
    }
  }

  private warn(message: string, requestId: string, error: unknown): void {
    this.log.warn(message, { request_id: requestId, cause: redact(String(error)) });
  }
}

/** By the ids of calls. An id that the request gives to calls that differ is nobody's. */
function byIds(asked: readonly { readonly id: string; readonly mark: string }[], found: FoundThoughts): FoundThoughts {
  const marks = new Map(asked.map(({ id, mark }) => [id, mark]));
  for (const { id, mark } of asked) if (marks.get(id) !== mark) marks.set(id, '');
  const told = new Map<string, Buffer>();
  for (const [id, mark] of marks) {
    const content = found.get(mark);
    if (content !== undefined) told.set(id, content);
  }
  return told;
}

/** It opens only under its own tenant, key and call. */
function sealContext({ tenantId, keyId }: CallOrigin, mark: string): SealContext {
  return { tenantId, recordId: `thoughts/${keyId}/${mark}` };
}
