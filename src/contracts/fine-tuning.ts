import { z } from 'zod';
import { wholeMetadata as metadata } from './conversations.js';
import { listQuery } from './lists.js';
import { metadataPairs, refuseOtherFields } from './metadata-filter.js';

const goes = 'How the training goes: auto, or numbers.';

const auto = z.literal('auto');
const count = (most: number) => z.union([auto, z.number().int().min(1).max(most)]).optional();
const factor = (least: number, most?: number) =>
  z.union([auto, most === undefined ? z.number().min(least) : z.number().min(least).max(most)]).optional();

const usual = {
  batch_size: count(256).describe('How many examples a step has.'),
  learning_rate_multiplier: factor(0).describe('How fast the model learns.'),
  n_epochs: count(50).describe('How often all examples are gone through.'),
};

const hyperparameters = z
  .strictObject({ ...usual, batch_size: usual.batch_size.nullable().describe('How many examples a step has.') })
  .describe(goes);

/** Whether no text or name within is half of a character, which the database does not hold as JSON. */
function isWhole(value: unknown): boolean {
  const isHalf = (text: unknown): boolean => typeof text === 'string' && /\p{Cs}/u.test(text);
  if (typeof value !== 'object' || value === null) return !isHalf(value);
  return Object.entries(value).every(([name, member]) => !isHalf(name) && isWhole(member));
}

/** A grader in one of OpenAI's forms; the provider judges the rest of it. */
const grader = z
  .looseObject({ type: z.string().max(64).describe("The grader's type.") })
  .describe('What judges the answers of the model.');

const method = z
  .strictObject({
    type: z.enum(['supervised', 'dpo', 'reinforcement']).describe('Which of them.'),
    supervised: z
      .strictObject({ hyperparameters: z.strictObject(usual).optional().describe(goes) })
      .optional()
      .describe('Of the method supervised.'),
    dpo: z
      .strictObject({
        hyperparameters: z
          .strictObject({ ...usual, beta: factor(0, 2).describe('How close the model stays to what it was.') })
          .optional()
          .describe(goes),
      })
      .optional()
      .describe('Of the method dpo.'),
    reinforcement: z
      .strictObject({
        grader,
        response_format: z.looseObject({}).optional().describe('The form of the answers, as in a chat.'),
        hyperparameters: z
          .strictObject({
            ...usual,
            reasoning_effort: z.enum(['default', 'low', 'medium', 'high']).optional().describe('How long the model thinks.'),
            compute_multiplier: factor(0.00001, 10).describe('How much is tried out in training.'),
            eval_interval: count(1_000_000).describe('How many steps lie between two evaluations.'),
            eval_samples: count(1_000_000).describe('How many samples an evaluation has.'),
          })
          .optional()
          .describe(goes),
      })
      .optional()
      .describe('Of the method reinforcement.'),
  })
  .refine(isWhole, 'holds half of a character')
  .describe("OpenAI's methods: supervised, dpo or reinforcement, each with settings of its own.");

export type TuningMethod = z.infer<typeof method>;

const fileId = z.string().min(1).max(128);

/** `POST /fine_tuning/jobs`, as OpenAI has it. */
export const createFineTuningJobRequest = z
  .strictObject({
    model: z.string().min(1).max(512).describe('The published name of a raw model that the key may use.'),
    training_file: fileId.describe('A file of the purpose fine-tune.'),
    validation_file: fileId.nullish().describe('Another one, by which the training is judged.'),
    suffix: z.string().min(1).max(64).nullish().describe("What the fine-tuned model's name has at its end."),
    seed: z.number().int().min(0).max(2_147_483_647).nullish().describe('With the same seed a job is done in the same way.'),
    hyperparameters: hyperparameters.optional(),
    method: method.optional(),
    metadata: metadata.nullish().describe('At most 16 pairs of short texts. The provider does not see them.'),
    integrations: z
      .array(z.unknown())
      .nullish()
      .describe('Not supported: they carry secrets of services that the platform does not know.'),
  })
  .describe('A fine-tuning job that is to be made.')
  .meta({ examples: [{ model: 'fast', training_file: 'file-…', suffix: 'support' }] });

export type CreateFineTuningJobRequest = z.infer<typeof createFineTuningJobRequest>;

const pageQuery = listQuery.omit({ before: true });

const known = { limit: true, order: true, after: true } as const;

/** Each `metadata[<key>]=<value>` leaves the jobs that have this pair. */
export const listFineTuningJobsQuery = pageQuery
  .catchall(z.unknown())
  .check((context) => refuseOtherFields(context, known))
  .describe('Which jobs a list shows; metadata[key]=value leaves those that have this pair.');

export type ListFineTuningJobsQuery = z.infer<typeof listFineTuningJobsQuery>;

/** The pairs by which a list of jobs is filtered. */
export function tuningMetadataOf(query: ListFineTuningJobsQuery): Readonly<Record<string, string>> {
  return metadataPairs(query);
}

export const listTuningHistoryQuery = pageQuery.describe('Which of them a list shows.');

export type ListTuningHistoryQuery = z.infer<typeof listTuningHistoryQuery>;

export const tuningStatuses = ['validating_files', 'queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type TuningStatus = (typeof tuningStatuses)[number];

const time = z.number().int();

const shownParameters = z
  .looseObject({
    n_epochs: z.unknown().describe('A number, or auto.'),
    batch_size: z.unknown().describe('A number, or auto.'),
    learning_rate_multiplier: z.unknown().describe('A number, or auto.'),
  })
  .partial()
  .describe('How the training goes: numbers, or auto.');

export const fineTuningJobObject = z
  .object({
    object: z.literal('fine_tuning.job'),
    id: z.string(),
    created_at: time.describe('In Unix seconds.'),
    finished_at: time.nullable().describe('When it ended, in Unix seconds; null: not yet.'),
    estimated_finish: time.nullable().describe('When it will have ended, as the provider expects, in Unix seconds.'),
    model: z.string().describe('The published name that is fine-tuned.'),
    fine_tuned_model: z.string().nullable().describe('The name of the model that it has made; null: none.'),
    organization_id: z.string().describe('The slug of the tenant.'),
    status: z.enum(tuningStatuses),
    training_file: z.string(),
    validation_file: z.string().nullable(),
    result_files: z.array(z.string()).describe('Files of the purpose fine-tune-results.'),
    trained_tokens: z.number().int().nullable(),
    hyperparameters: shownParameters,
    method: z
      .looseObject({ type: z.string().describe('supervised, dpo or reinforcement.') })
      .describe('The method, with its settings under its name.'),
    error: z
      .object({ code: z.string(), message: z.string(), param: z.string().nullable() })
      .nullable()
      .describe('Why a failed job failed; null otherwise.'),
    seed: z.number().int(),
    metadata: z.record(z.string(), z.string()).nullable(),
    integrations: z.array(z.never()).describe('Always empty.'),
  })
  .meta({ id: 'FineTuningJob', description: "A fine-tuning job as OpenAI shows it, with the platform's own ids and names." });

export type FineTuningJobObject = z.infer<typeof fineTuningJobObject>;

const fineTuningEventObject = z
  .object({
    object: z.literal('fine_tuning.job.event'),
    id: z.string(),
    created_at: time,
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
    type: z.enum(['message', 'metrics']),
    data: z.looseObject({}).describe('Figures of the training, in an event of metrics.'),
  })
  .describe('Something that happened to a job.');

export type FineTuningEventObject = z.infer<typeof fineTuningEventObject>;

const fineTuningCheckpointObject = z
  .object({
    object: z.literal('fine_tuning.job.checkpoint'),
    id: z.string(),
    created_at: time,
    fine_tuning_job_id: z.string(),
    fine_tuned_model_checkpoint: z.string().describe('The name of the model as it was then. It is not published.'),
    step_number: z.number().int(),
    metrics: z
      .looseObject({ step: z.number().optional(), train_loss: z.number().optional(), valid_loss: z.number().optional() })
      .describe('Figures of the training at this step.'),
  })
  .describe('A model that a job has kept on its way.');

export type FineTuningCheckpointObject = z.infer<typeof fineTuningCheckpointObject>;

const listFields = { object: z.literal('list'), has_more: z.boolean() };

export const fineTuningJobList = z.object({ ...listFields, data: z.array(fineTuningJobObject) }).describe('A page of jobs.');

export const fineTuningEventList = z
  .object({ ...listFields, data: z.array(fineTuningEventObject) })
  .describe('A page of events.');

export const fineTuningCheckpointList = z
  .object({
    ...listFields,
    data: z.array(fineTuningCheckpointObject),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .describe('A page of checkpoints.');
