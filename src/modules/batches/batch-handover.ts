import type { BatchEnd } from './batch-record.js';

/**
 * What is next at a batch that its provider makes: it is sent there, followed, its answers are collected, what stands at the
 * provider is removed. `kept`: the platform makes its requests after all.
 */
export type HandoverStep = 'send' | 'follow' | 'collect' | 'clean' | 'done' | 'kept';

/** Whose batches a batch goes into. */
export interface NewHandover {
  readonly connectionId: string;
  /** The published name of its agent, and the model that the agent asks. */
  readonly alias: string;
  readonly model: string;
}

/** A batch that is handed on to a provider. What begins with `provider` and the files are the provider's ids. */
export interface HandoverRecord extends NewHandover {
  readonly tenantId: string;
  readonly batchId: string;
  readonly step: HandoverStep;
  /** How often a copy of its requests was begun there. */
  readonly fileTries: number;
  readonly providerFile: string | null;
  readonly providerEndpoint: string | null;
  /** When the provider was asked for the batch, as committed before. */
  readonly sentAt: Date | null;
  readonly providerBatch: string | null;
  readonly cancelSent: boolean;
  readonly endedAs: BatchEnd | null;
  readonly outputFile: string | null;
  readonly errorFile: string | null;
  /** How often the provider was asked without news, and how often in a row that failed. */
  readonly polls: number;
  readonly failures: number;
  readonly nextAt: Date;
}

export type HandoverChange = Partial<Omit<HandoverRecord, 'tenantId' | 'batchId' | keyof NewHandover>>;

/** True while the provider has to do with the batch. */
export function isWithProvider({ step }: HandoverRecord): boolean {
  return step === 'send' || step === 'follow' || step === 'collect';
}
