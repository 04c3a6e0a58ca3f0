import { z } from 'zod';
import { presetFor } from '../../catalog/runbooks/reach.js';
import { reachesRow } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import { uploadTargetList } from '../../contracts/files.js';
import type { EmulatedClient } from '../client.js';
import { jsonOf } from '../exchange.js';
import { failureOf } from '../failure.js';
import type { Reference } from '../reference.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

type UploadRoute = 'datasets.files.create' | 'conversations.files.create';

const uploadRoutes: readonly UploadRoute[] = ['datasets.files.create', 'conversations.files.create'];

/** How often a file is asked for at most, each time for as long as the platform lets it wait. */
const mostPolls = 8;
const waitSeconds = 15;

const file = z.object({
  id: z.string(),
  status: z.string(),
  gt: z
    .object({
      conversation_id: z.string().nullish(),
      dataset_id: z.string().nullish(),
      error: z.object({ message: z.string() }).nullish(),
    })
    .optional(),
});

type File = z.infer<typeof file>;

/** Who uploads: a client and the same key without a client, to look for targets and to tidy up. */
interface Uploader {
  readonly client: EmulatedClient;
  readonly reference: Reference;
}

/** Each upload route of the product works with a key that grants it: a file is taken in, and becomes `ready`. */
export async function uploadsWork(run: VerificationRun): Promise<Result> {
  const told: string[] = [];
  const untold: string[] = [];
  for (const route of uploadRoutes.filter((id) => run.row.routes.some((use) => use.route === id))) {
    const uploader = uploaderFor(run, route);
    if (uploader === undefined) {
      const preset = presetFor(presetsOf(run), route) ?? 'of the runbook';
      untold.push(`POST /v1${routeRow(route).path} needs a key of the preset ${preset}.`);
      continue;
    }
    const result = route === 'datasets.files.create' ? await intoDataset(run, uploader) : await intoConversation(run, uploader);
    if (result.outcome === 'fail') return result;
    (result.outcome === 'pass' ? told : untold).push(result.detail);
  }
  const all = [...told, ...untold].join(' ');
  return told.length > 0 ? passed(all) : skipped(all === '' ? 'The product does not upload.' : all);
}

function uploaderFor(run: VerificationRun, route: UploadRoute): Uploader | undefined {
  if (run.key !== undefined && reachesRow({ effectiveScopes: run.key.scopes }, routeRow(route)))
    return { client: run.client, reference: run.reference };
  const preset = presetFor(presetsOf(run), route);
  const key = preset === undefined ? undefined : run.setup.keyOf?.(preset);
  return key === undefined ? undefined : { client: run.clientWith(key), reference: run.referenceWith(key) };
}

async function intoDataset(run: VerificationRun, uploader: Uploader): Promise<Result> {
  const given = await uploader.reference.call('upload_targets.list');
  const { success, data } = uploadTargetList.safeParse(given.kind === 'answered' ? jsonOf(given) : undefined);
  if (!success) return failureOf(run, 'upload_targets.list', given);
  const { dataset } = run.setup;
  const targets = data.data.filter(({ kind }) => kind === 'dataset');
  const target = dataset === undefined ? targets[0] : targets.find(({ id, alias }) => id === dataset || alias === dataset);
  if (target === undefined) return skipped('The key may upload into no dataset.');
  const where = { dataset_id: target.id };
  return upload(run, uploader, 'datasets.files.create', where, async ({ id }) => {
    await uploader.reference.call('datasets.files.delete', { ...where, file_id: id });
  });
}

function intoConversation(run: VerificationRun, uploader: Uploader): Promise<Result> {
  return upload(run, uploader, 'conversations.files.create', {}, async ({ gt }) => {
    const conversation = gt?.conversation_id;
    if (conversation === undefined || conversation === null) return;
    const where = { conversation_id: conversation };
    if (run.row.routes.some(({ route }) => route === 'conversations.items.list'))
      await run.call({ route: 'conversations.items.list', parameters: where }, uploader.client);
    await uploader.reference.call('conversations.delete', where);
  });
}

async function upload(
  run: VerificationRun,
  { client }: Uploader,
  route: UploadRoute,
  parameters: Readonly<Record<string, string>>,
  tidy: (taken: File) => Promise<void>,
): Promise<Result> {
  const form = new FormData();
  form.append('file', new Blob([`A runbook is being verified: ${run.row.name}.\n`]), `runbook-${run.row.slug}.txt`);
  const given = await run.call({ route, parameters, form }, client);
  const taken = fileOf(given);
  if (taken === undefined) return failureOf(run, route, given);
  try {
    return await untilReady(run, client, route, taken);
  } finally {
    if (!run.budget.isSpent) await tidy(taken);
  }
}

async function untilReady(run: VerificationRun, client: EmulatedClient, route: RouteId, taken: File): Promise<Result> {
  const { path } = routeRow(route);
  let seen = taken;
  for (let polls = 0; polls < mostPolls && seen.status !== 'ready'; polls += 1) {
    const given = await run.call(
      { route: 'files.get', parameters: { file_id: taken.id }, query: `?wait=${waitSeconds}` },
      client,
    );
    const next = fileOf(given);
    if (next === undefined) return failureOf(run, 'files.get', given);
    seen = next;
    if (seen.status === 'failed')
      return failed('file', `The file could not be read: ${seen.gt?.error?.message ?? ''}`, 'Look at it: gt file get <file>.');
  }
  return seen.status === 'ready'
    ? passed(`POST /v1${path} took a file in, and it became ready.`)
    : failed('file', `A file of POST /v1${path} is still ${seen.status}.`, 'Does a worker run? gt queue shows what waits.');
}

function fileOf(given: Awaited<ReturnType<EmulatedClient['call']>>): File | undefined {
  if (given.kind !== 'answered' || given.status >= 300) return undefined;
  return file.safeParse(jsonOf(given)).data;
}

function presetsOf({ row }: VerificationRun): string[] {
  return [row.preset, ...row.alternatives.map(({ preset }) => preset)];
}
