import { answerJson } from '../answers.js';
import { Commands, readCommands } from '../commands.js';
import { badRequest, missingParameter, SandboxError, unknownUrl, wrongType } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { playFaults } from '../faults.js';
import { pageOf, queryOf } from '../paging.js';
import { isObject, readBody, readInteger, readModel, type JsonObject } from '../request-fields.js';
import type { TuningJob } from './tuning-job.js';

const path = '/v1/fine_tuning/jobs/';
const searchedBytes = 1024 * 1024;
const metadataField = /^metadata\[(.+)\]$/;

/**
 * POST /v1/fine_tuning/jobs. Commands in the training file: those that play faults do so here, `[[stall:MS]]` lets the
 * training take so much longer, `[[refuse]]` lets the job fail.
 */
export async function createJob(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const model = readModel(body);
  const trainingFile = fileNamed(exchange, body, 'training_file');
  if (trainingFile === null) throw missingParameter('training_file');
  const beginning = exchange.state.files.get(trainingFile)?.beginning.subarray(0, searchedBytes).toString('utf8') ?? '';
  const commands = readCommands([beginning]);
  if (await playFaults(exchange, commands, model)) return;
  const job = exchange.state.tuning.add({
    id: exchange.state.newId('ftjob-'),
    model,
    trainingFile,
    validationFile: fileNamed(exchange, body, 'validation_file'),
    suffix: textIn(body, 'suffix'),
    seed: readInteger(body, 'seed', 0, 2_147_483_647) ?? 42,
    method: isObject(body['method']) ? body['method'] : { type: 'supervised' },
    metadata: isObject(body['metadata']) ? body['metadata'] : null,
    extraMs: commands.number('stall') ?? 0,
    fails: commands.has('refuse'),
  });
  await answerJson(exchange, commands, shown(exchange, job));
}

/** GET /v1/fine_tuning/jobs, also by `metadata[key]=value`. */
export async function listJobs(exchange: Exchange): Promise<void> {
  const query = queryOf(exchange);
  const pairs = [...query].flatMap(([name, value]) => {
    const key = metadataField.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  const jobs = exchange.state.tuning.all().filter(({ made }) => pairs.every(([key, value]) => made.metadata?.[key] === value));
  const objects = jobs.map((job) => shown(exchange, job));
  await answerJson(exchange, Commands.none, pageOf(objects, query));
}

/** GET of a job, of its events or of its checkpoints; lists begin with the newest. */
export async function getJob(exchange: Exchange): Promise<void> {
  const [id = '', part] = exchange.path.slice(path.length).split('/');
  const job = jobOf(exchange, id);
  if (part === undefined) return answerJson(exchange, Commands.none, shown(exchange, job));
  if (part !== 'events' && part !== 'checkpoints') throw unknownUrl('GET', exchange.path);
  await answerJson(exchange, Commands.none, pageOf([...job[part]()].reverse(), queryOf(exchange)));
}

/** POST to `/cancel`, `/pause` or `/resume` of a job. */
export async function changeJob(exchange: Exchange): Promise<void> {
  const [id = '', verb] = exchange.path.slice(path.length).split('/');
  if (verb !== 'cancel' && verb !== 'pause' && verb !== 'resume') throw unknownUrl('POST', exchange.path);
  const job = jobOf(exchange, id);
  if (job.hasEnded) throw badRequest(`Job has already completed: ${id}`, null, 'invalid_job_state');
  job[verb]();
  await answerJson(exchange, Commands.none, shown(exchange, job));
}

function jobOf({ state }: Exchange, id: string): TuningJob {
  const job = state.tuning.get(id);
  if (job !== undefined) return job;
  const message = `Could not find fine tune: ${id}`;
  throw new SandboxError(404, {
    message,
    type: 'invalid_request_error',
    param: 'fine_tuning_job_id',
    code: 'fine_tune_not_found',
  });
}

/** The job as it is; with the first look after its end its result file is there. */
function shown({ state }: Exchange, job: TuningJob): JsonObject & { readonly id: string } {
  if (job.fineTunedModel !== undefined && job.resultFile === undefined) {
    const id = state.newId('file-');
    const content = job.results();
    state.files.keep({
      id,
      filename: 'step_metrics.csv',
      purpose: 'fine-tune-results',
      createdAt: Math.floor(Date.now() / 1000),
      bytes: content.length,
      beginning: content,
    });
    job.resultFile = id;
  }
  return job.object();
}

function fileNamed({ state }: Exchange, body: JsonObject, field: string): string | null {
  const id = textIn(body, field);
  if (id !== null && state.files.get(id)?.purpose !== 'fine-tune')
    throw badRequest(`The file ${id} does not exist or has another purpose than 'fine-tune'.`, field);
  return id;
}

function textIn(body: JsonObject, field: string): string | null {
  const value = body[field] ?? null;
  if (value !== null && typeof value !== 'string') throw wrongType(field, 'a string', value);
  return value;
}
