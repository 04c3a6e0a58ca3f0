import type { JsonObject } from '../request-fields.js';

/** What a job was made of. */
export interface NewTuningJob {
  readonly id: string;
  readonly model: string;
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly suffix: string | null;
  readonly seed: number;
  readonly method: JsonObject;
  readonly metadata: JsonObject | null;
  /** The training takes so many milliseconds longer. */
  readonly extraMs: number;
  /** It ends as failed. */
  readonly fails: boolean;
}

export type TuningStatus = 'validating_files' | 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

const validatedMs = 300;
const startedMs = 600;
const stepMs = 140;
const steps = 10;
const checkpointEvery = 5;
const trainedTokensOfStep = 128;

interface TuningEvent extends JsonObject {
  readonly id: string;
}

/**
 * One job. It works by itself, as the clock goes: its files are validated after 0.3 s, it starts after 0.6 s and makes one
 * of its ten steps every 0.14 s. Whoever asks finds it as far as it has come.
 */
export class TuningJob {
  readonly createdMs: number;
  resultFile: string | undefined;
  private pausedAtMs: number | undefined;
  private pausedMs = 0;
  private cancelledAtMs: number | undefined;

  constructor(
    readonly made: NewTuningJob,
    private readonly now: () => number = Date.now,
  ) {
    this.createdMs = now();
  }

  get status(): TuningStatus {
    if (this.cancelledAtMs !== undefined) return 'cancelled';
    const worked = this.workedMs();
    if (worked >= validatedMs && this.made.fails) return 'failed';
    if (worked >= this.endMs()) return 'succeeded';
    if (this.pausedAtMs !== undefined) return 'paused';
    if (worked < validatedMs) return 'validating_files';
    return worked < startedMs ? 'queued' : 'running';
  }

  get hasEnded(): boolean {
    return ['succeeded', 'failed', 'cancelled'].includes(this.status);
  }

  /** The model that it has made; undefined while there is none. */
  get fineTunedModel(): string | undefined {
    return this.status === 'succeeded' ? this.modelName() : undefined;
  }

  cancel(): void {
    if (!this.hasEnded) this.cancelledAtMs = this.now();
  }

  pause(): void {
    if (!this.hasEnded) this.pausedAtMs ??= this.now();
  }

  resume(): void {
    if (this.pausedAtMs !== undefined) this.pausedMs += this.now() - this.pausedAtMs;
    this.pausedAtMs = undefined;
  }

  /** What has happened, the oldest first. */
  events(): readonly TuningEvent[] {
    const { id, trainingFile, validationFile } = this.made;
    const files = validationFile === null ? '' : ` and validation file: ${validationFile}`;
    const planned: [atMs: number, message: string, data?: JsonObject][] = [
      [0, `Created fine-tuning job: ${id}`],
      [0, `Validating training file: ${trainingFile}${files}`],
    ];
    if (this.made.fails)
      planned.push([validatedMs, `The file ${trainingFile} was refused, see https://provider.internal.example/x`]);
    else planned.push(...this.trainingEvents());
    const until = this.workedMs();
    return planned
      .filter(([atMs]) => atMs <= until)
      .map(([atMs, message, data], place) => ({
        object: 'fine_tuning.job.event',
        id: `ftevent-${id.slice('ftjob-'.length)}${place}`,
        created_at: this.seconds(atMs),
        level: this.made.fails && atMs > 0 ? 'error' : 'info',
        message,
        type: data === undefined ? 'message' : 'metrics',
        data: data ?? {},
      }));
  }

  /** What it has kept on the way, the oldest first. */
  checkpoints(): readonly TuningEvent[] {
    if (this.made.fails) return [];
    const until = this.workedMs();
    return [checkpointEvery, steps]
      .filter((step) => this.stepAtMs(step) <= until)
      .map((step) => ({
        object: 'fine_tuning.job.checkpoint',
        id: `ftckpt_${this.made.id.slice('ftjob-'.length)}${step}`,
        created_at: this.seconds(this.stepAtMs(step)),
        fine_tuned_model_checkpoint: `${this.modelName()}:ckpt-step-${step}`,
        step_number: step,
        fine_tuning_job_id: this.made.id,
        metrics: metricsAt(step),
      }));
  }

  object(): JsonObject & { readonly id: string } {
    const { id, model, trainingFile, validationFile, seed, method, metadata } = this.made;
    const status = this.status;
    const refused = {
      code: 'invalid_training_file',
      param: 'training_file',
      message: `The file ${trainingFile} is of no use to org-abc123.`,
    };
    return {
      object: 'fine_tuning.job',
      id,
      model,
      created_at: this.seconds(0),
      finished_at: status === 'succeeded' ? this.seconds(this.endMs()) : null,
      fine_tuned_model: this.fineTunedModel ?? null,
      organization_id: 'org-abc123',
      result_files: this.resultFile === undefined ? [] : [this.resultFile],
      status,
      validation_file: validationFile,
      training_file: trainingFile,
      hyperparameters: { n_epochs: 1, batch_size: 1, learning_rate_multiplier: 2 },
      trained_tokens: status === 'succeeded' ? steps * trainedTokensOfStep : null,
      error: status === 'failed' ? refused : null,
      user_provided_suffix: this.made.suffix,
      seed,
      estimated_finish: status === 'running' ? this.seconds(this.endMs()) : null,
      integrations: [],
      method,
      metadata,
    };
  }

  /** What its result file says. */
  results(): Buffer {
    const lines = Array.from({ length: steps }, (_one, at) => {
      const { train_loss: loss, train_mean_token_accuracy: accuracy } = metricsAt(at + 1);
      return `${at + 1},${loss},${accuracy}`;
    });
    return Buffer.from(['step,train_loss,train_accuracy', ...lines, ''].join('\n'));
  }

  private trainingEvents(): [number, string, JsonObject?][] {
    const name = this.modelName();
    const training = Array.from({ length: steps }, (_one, at): [number, string, JsonObject?] => {
      const metrics = metricsAt(at + 1);
      return [this.stepAtMs(at + 1), `Step ${at + 1}/${steps}: training loss=${metrics.train_loss}`, metrics];
    });
    const step = checkpointEvery;
    training.splice(step, 0, [
      this.stepAtMs(step),
      `Checkpoint created at step ${step} with Snapshot ID: ${name}:ckpt-step-${step}`,
    ]);
    return [
      [validatedMs, 'Files validated, moving job to queued state'],
      [startedMs, `Fine-tuning job started on ${this.made.model}`],
      ...training,
      [this.endMs(), `New fine-tuned model created: ${name}`],
      [this.endMs(), 'The job has successfully completed'],
    ];
  }

  private modelName(): string {
    const { id, model, suffix } = this.made;
    const end = (suffix ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    return `ft:${model}:sandbox-org:${end}:${id.slice(-8)}`;
  }

  private stepAtMs(step: number): number {
    return startedMs + this.made.extraMs + step * stepMs;
  }

  private endMs(): number {
    return this.stepAtMs(steps);
  }

  private workedMs(): number {
    const until = this.cancelledAtMs ?? this.pausedAtMs ?? this.now();
    return until - this.createdMs - this.pausedMs;
  }

  private seconds(afterMs: number): number {
    return Math.floor((this.createdMs + afterMs) / 1000);
  }
}

function metricsAt(step: number) {
  return {
    step,
    total_steps: steps,
    train_loss: Number((2 / (step + 1)).toFixed(4)),
    train_mean_token_accuracy: Number((1 - 1 / (step + 1)).toFixed(4)),
  };
}
