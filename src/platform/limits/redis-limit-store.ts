import { RedisConnection } from '../queue/redis-connection.js';
import { limitScript, limitScriptSha, processScript, scriptArguments } from './limit-script.js';
import { givenUpMs, LimitStore, type LimitAnswer, type LimitAnswers, type LimitAsk } from './limit-store.js';

type Reply = readonly [granted: string, fits: number, left: string, isShort: number, waitMs: string];

const processesKey = 'gt:limit-processes';

/** Limits in Redis: a hash for each, changed by a script. Keys begin with `gt:limit`; a hash that nobody asks for goes when it is full again. */
export class RedisLimitStore extends LimitStore {
  private readonly connection: RedisConnection;

  constructor(url: string) {
    super();
    this.connection = new RedisConnection(url, givenUpMs);
  }

  async exchange(process: string, asks: readonly LimitAsk[]): Promise<LimitAnswers> {
    const redis = await this.connection.ready();
    const pipeline = redis.pipeline().eval(processScript, 1, processesKey, process);
    for (const ask of asks) pipeline.evalsha(limitScriptSha, 1, keyOf(ask), ...scriptArguments(process, ask));
    const [processes, ...given] = (await pipeline.exec()) ?? [];
    const replies = given.map(([error, reply]) => ({ error, reply: reply as Reply }));
    const unknown = asks.filter((_ask, at) => replies[at]?.error?.message.startsWith('NOSCRIPT') === true);
    // An ask that met no script changed nothing.
    const again = unknown.length === 0 ? [] : await this.withScript(process, unknown);
    const answers = asks.map((_ask, at): LimitAnswer => {
      const { error, reply } = replies[at] ?? { error: new Error('Redis gave no answer.'), reply: undefined };
      if (error?.message.startsWith('NOSCRIPT') === true) return again.shift() as LimitAnswer;
      if (error !== null || reply === undefined) throw error ?? new Error('Redis gave no answer.');
      return answerOf(reply);
    });
    if (processes === undefined || processes[0] !== null) throw processes?.[0] ?? new Error('Redis gave no answer.');
    return { answers, processes: processes[1] as number };
  }

  async leave(process: string): Promise<void> {
    await (await this.connection.ready()).zrem(processesKey, process);
  }

  async forget(prefix: string): Promise<void> {
    const redis = await this.connection.ready();
    const pattern = `gt:limit:{${prefix.replace(/[[\]*?^\\-]/g, '\\$&')}*`;
    for await (const keys of redis.scanStream({ match: pattern, count: 1_000 }) as AsyncIterable<string[]>)
      if (keys.length > 0) await redis.del(...keys);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async withScript(process: string, asks: readonly LimitAsk[]): Promise<LimitAnswer[]> {
    const redis = await this.connection.ready();
    const answers: LimitAnswer[] = [];
    for (const ask of asks)
      answers.push(answerOf((await redis.eval(limitScript, 1, keyOf(ask), ...scriptArguments(process, ask))) as Reply));
    return answers;
  }
}

/** All that a script changes of a limit stands in one slot. */
function keyOf({ id }: LimitAsk): string {
  return `gt:limit:{${id}}`;
}

function answerOf([granted, fits, left, isShort, waitMs]: Reply): LimitAnswer {
  return { granted: Number(granted), fits, left: Number(left), isShort: isShort === 1, waitMs: Number(waitMs) };
}
