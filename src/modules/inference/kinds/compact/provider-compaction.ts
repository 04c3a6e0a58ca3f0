import { isFields } from '../../../../kernel/fields.js';
import { withoutToolSecrets } from '../../../conversations/tool-secrets.js';
import { saysError } from '../../../provider-answers/answer-fault.js';
import type { Answer, WholeReply } from '../../call/answer.js';
import { readProvider } from '../../call/provider-json.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { plainOf } from '../../wire/exact-json.js';
import { readUsage } from '../../wire/usage-tokens.js';
import type { ProviderNames } from '../responses/provider-names.js';
import { ResponseIds } from '../responses/response-ids.js';
import { compactionObject } from './own-compaction.js';

/** The compaction of a provider that speaks Responses, under ids of the platform; what it has sealed stays as it is. */
export class ProviderCompaction implements Answer {
  /** A summary was asked for, since the provider makes no compactions. */
  isSummary = false;

  /**
   * @param ofSummary reads the answer then.
   * @param names of what the items name, which the provider may give back.
   */
  constructor(
    private readonly ofSummary: Answer,
    private readonly names: ProviderNames,
  ) {}

  reply(bytes: Buffer): WholeReply {
    if (this.isSummary) return this.ofSummary.reply(bytes);
    const given = readProvider(bytes);
    if (saysError(given)) throw wrongAnswer('the compaction tells an error');
    const output = Array.isArray(given['output']) ? (given['output'] as unknown[]).filter(isFields) : [];
    if (!output.some(({ type }) => type === 'compaction')) throw wrongAnswer('it is no compaction');
    const ids = new ResponseIds();
    const own = output.map((item, at) => {
      const { id, type } = item;
      const named = typeof id === 'string' && id !== '' ? id : `place ${at}`;
      return { ...withoutToolSecrets(this.names.shown(item)), id: ids.of(named, typeof type === 'string' ? type : undefined) };
    });
    return { bytes: compactionObject(own, given['usage'] ?? null), tokens: readUsage(plainOf(given['usage'])) };
  }

  flow(): undefined {
    return undefined;
  }
}
