import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { messagesOf } from './child-messages.js';
import { requestDescriptor, type ChildMessage, type ChildRequest } from './child-protocol.js';

/** How a child is started. */
export interface ChildProgram {
  /** V8's heap in the child, in MiB. */
  readonly heapMegabytes: number;
  /** The program that reads documents. Tests give others, which crash. */
  readonly childFile: string;
}

/** How a process has ended. */
export type ChildExit = readonly [code: number | null, signal: string | null];

const stderrBytes = 4_096;

/**
 * A process that reads documents, one after another. It has an empty environment and so knows no secret; it ends with
 * its parent, however that ends. Its parent may end while it rests, but not while it reads.
 */
export class DocumentChild {
  /** How many documents it was given. */
  documents = 0;
  /** Resolves when the process has ended and all that it said has been taken. */
  private readonly closed: Promise<ChildExit>;
  private readonly messages: AsyncGenerator<ChildMessage, void>;
  private readonly complaint: () => string;

  private constructor(
    private readonly process: ChildProcess,
    private readonly pipes: readonly Socket[],
  ) {
    const [requests, input, output, complaints] = pipes as [Socket, Socket, Socket, Socket];
    this.closed = once(process, 'close') as Promise<[number | null, string | null]>;
    this.messages = messagesOf(output);
    this.complaint = tailOf(complaints);
    // A write to a process that has ended fails; its exit is what counts.
    for (const stream of [process, requests, input]) stream.on('error', () => undefined);
  }

  /** @throws Error when no process can be started. */
  static async start({ heapMegabytes, childFile }: ChildProgram): Promise<DocumentChild> {
    const args = ['--no-warnings', `--max-old-space-size=${heapMegabytes}`, childFile];
    const child = spawn(process.execPath, args, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    return new DocumentChild(child, [child.stdio[requestDescriptor], child.stdin, child.stdout, child.stderr] as Socket[]);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What it says of one document, up to its last word; less when it ends before. It has nothing else to do. */
  async *read(request: ChildRequest): AsyncGenerator<ChildMessage> {
    this.documents += 1;
    (this.pipes[0] as Socket).write(`${JSON.stringify(request)}\n`);
    for (;;) {
      // Not `for await`: leaving that loop would close the pipe for the next document.
      const { value } = await this.messages.next();
      if (value === undefined) return;
      yield value;
      if ('end' in value || 'failure' in value) return;
    }
  }

  /** Lets this process end while the child has nothing to do; `wake` takes that back. */
  rest(): void {
    for (const part of [this.process, ...this.pipes]) part.unref();
  }

  wake(): void {
    for (const part of [this.process, ...this.pipes]) part.ref();
  }

  /** Calls back when the process ends by itself while it rests. */
  onEnd(tell: () => void): void {
    this.process.once('exit', tell);
  }

  /** Everything else on the machine goes first from now on: an answer to a chat, and a child that reads a small document. */
  yieldToOthers(): void {
    try {
      if (this.process.pid !== undefined)
        setPriority(this.process.pid, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
    } catch {
      // The child has ended already.
    }
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone; what it has said and nobody took is dropped. */
  async end(): Promise<void> {
    this.kill();
    await this.messages.return();
    await this.closed;
  }

  /** How it has ended by itself and what it complained about last, as a cause for the log. */
  async cause(): Promise<Error> {
    const [code, signal] = await this.closed;
    return new Error(`The parser ended with ${signal ?? `code ${code}`}. ${this.complaint()}`.trim());
  }
}

/** Keeps the end of what a child complains about; the given function returns it. */
function tailOf(stderr: Readable): () => string {
  let tail = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-stderrBytes);
  });
  return () => tail;
}
