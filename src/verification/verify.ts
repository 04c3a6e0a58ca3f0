import { checklistOf, type CheckId } from '../catalog/runbooks/checklist.js';
import { evidenceHash } from '../catalog/runbooks/evidence-hash.js';
import { usesWithPreset } from '../catalog/runbooks/guidance.js';
import type { RunbookRow } from '../catalog/runbooks/runbook-row.js';
import { routeRow, type RouteId } from '../catalog/routes.js';
import type { RunbookVerification, StepOutcome, StepPhase, VerificationStep } from '../contracts/runbook-verifications.js';
import { BudgetSpentError } from './call-budget.js';
import { answerRoute, answers, embeds, streamingFits, streams } from './checks/answers.js';
import { uploadsWork } from './checks/extensions.js';
import { furtherRoute } from './checks/further-routes.js';
import { listsModels } from './checks/models.js';
import { aliasIsThere, embeddingNameIsThere, keyIsThere } from './checks/prerequisites.js';
import { refusesOthers } from './checks/refusal.js';
import { PackageChecks, packageChecks } from './checks/with-package.js';
import { scopesMatch, scopesOf } from './checks/scopes.js';
import { baseUrlIsRight, keyIsTaken, modelIsNamed } from './checks/setup.js';
import { skipped, type Result } from './result.js';
import { VerificationRun, type ClientRow, type RunSetup } from './run.js';
import { shownText } from './shown-text.js';

/** Hears each step when it is over. The next one waits for it. */
export type OnStep = (step: VerificationStep) => void | Promise<void>;

interface Step {
  readonly phase: StepPhase;
  readonly id: string;
  readonly text: string;
  /** Undefined: there is nothing to say of it here. */
  readonly take: (run: VerificationRun) => Result | undefined | Promise<Result | undefined>;
}

/** True for a product that a stand-in can be made for. */
export function canBeEmulated(row: RunbookRow): row is ClientRow {
  return row.client !== null && row.preset !== null && row.baseUrl.value !== null;
}

/**
 * Goes through a runbook against a running platform, as a client that is made from the runbook's data. Whatever is wrong is
 * a step that failed. @throws the reason of the signal, when the caller gives up; what `onStep` throws.
 */
export async function verifyRunbook(setup: RunSetup, onStep: OnStep = () => undefined): Promise<RunbookVerification> {
  const run = new VerificationRun(setup);
  const steps: VerificationStep[] = [];
  const real = setup.realClient === undefined ? undefined : new PackageChecks(setup.realClient);
  let gate: Step | undefined;
  for (const each of stepsOf(setup.row, real)) {
    const { phase, id, text, take } = each;
    const result = gate === undefined ? await taken(run, take) : skipped(`Not tried: "${gate.text}" failed.`);
    if (result === undefined) continue;
    const { outcome, detail } = result;
    if (outcome === 'fail' && gates.includes(id)) gate = each;
    const { cause, cure } = result.outcome === 'fail' ? result : { cause: null, cure: null };
    const step = { phase, id, text, outcome, detail: shownText(detail, secretsOf(setup)), cause, cure };
    steps.push(step);
    await onStep(step);
  }
  const { row } = setup;
  return {
    object: 'runbook.verification',
    runbook: row.slug,
    name: row.name,
    outcome: outcomeOf(steps),
    way: real === undefined ? 'emulator' : 'package',
    package: setup.realClient?.name ?? null,
    base_url: run.configured,
    model: run.model ?? null,
    steps,
    routes: [...new Set([...run.exercised, ...run.exercisedBeside])],
    scopes: scopesOf(run),
    calls: run.budget.used,
    sha256: evidenceHash(row),
  };
}

async function taken(run: VerificationRun, take: Step['take']): Promise<Result | undefined> {
  try {
    return await take(run);
  } catch (error) {
    if (error instanceof BudgetSpentError) return skipped(error.message);
    throw error;
  }
}

/** A run passes when something was tried and nothing failed. */
function outcomeOf(steps: readonly VerificationStep[]): StepOutcome {
  if (steps.some(({ outcome }) => outcome === 'fail')) return 'fail';
  return steps.some(({ phase, outcome }) => phase === 'checklist' && outcome === 'pass') ? 'pass' : 'skipped';
}

/** Steps without which no other one says anything. */
const gates: readonly string[] = ['key', 'alias', 'base_url', 'auth_header'];

const checks: Readonly<Record<CheckId, Step['take']>> = {
  models: listsModels,
  answer: async (run) => streamingFits(run) ?? (await answers(run)),
  stream: streams,
  embeddings: embeds,
  extensions: uploadsWork,
  refusal: refusesOthers,
  scopes: scopesMatch,
};

/** The real client takes the checks that it can; the stand-in takes the others. */
function takerOf(id: CheckId, real: PackageChecks | undefined): Step['take'] {
  const check = packageChecks.find((name) => name === id);
  if (real === undefined || check === undefined) return checks[id];
  return async (run) => (await real.take(run, check)) ?? checks[id](run);
}

/** The routes that the checklist tries by itself. */
const inChecklist: readonly RouteId[] = [
  'models.list',
  'embeddings.create',
  'datasets.files.create',
  'conversations.files.create',
  'conversations.items.list',
  'files.get',
];

function stepsOf(row: ClientRow, real: PackageChecks | undefined): Step[] {
  const byPerson = (phase: StepPhase) => (text: string, place: number) => ({
    ...{ phase, id: `by_hand_${place + 1}`, text },
    take: () => skipped('A person sees to it in the product.'),
  });
  const checklist = checklistOf(row).map(({ id, text }) => ({ phase: 'checklist' as const, id, text, take: takerOf(id, real) }));
  return [
    step('prerequisites', 'key', 'The key is known, and grants what the product always calls.', keyIsThere),
    step('prerequisites', 'alias', 'There is a published alias that the key may use.', aliasIsThere),
    ...(usesWithPreset(row, 'embeddings.create')
      ? [step('prerequisites', 'embedding_name', 'There is a published name that serves embeddings.', embeddingNameIsThere)]
      : []),
    ...row.prerequisites.map(byPerson('prerequisites')),
    step('setup', 'base_url', 'The client makes the address of every route of what it is configured with.', baseUrlIsRight),
    step('setup', 'auth_header', 'The platform takes the key as the client sends it.', keyIsTaken),
    step('setup', 'model', 'The published alias is named as the model.', modelIsNamed),
    ...row.steps.map(byPerson('setup')),
    ...checklist.filter(({ id }) => id !== 'refusal' && id !== 'scopes'),
    ...furtherSteps(row),
    ...checklist.filter(({ id }) => id === 'refusal' || id === 'scopes'),
    ...row.validation.map(byPerson('checklist')),
  ];
}

/** Routes of the product beyond its checklist, so that the scopes of the key are judged by all that it calls. */
function furtherSteps(row: ClientRow): Step[] {
  return row.routes
    .filter(({ route }) => !inChecklist.includes(route) && route !== answerRoute(row))
    .map(({ route }) => {
      const text = `${routeRow(route).method} /v1${routeRow(route).path} is answered.`;
      return step('checklist', `route:${route}`, text, (run) =>
        run.exercised.has(route) ? undefined : furtherRoute(run, route),
      );
    });
}

function step(phase: StepPhase, id: string, text: string, take: Step['take']): Step {
  return { phase, id, text, take };
}

/** Every key that the run calls with. */
function secretsOf({ key, keyOf, row }: RunSetup): string[] {
  const others = row.alternatives.map(({ preset }) => keyOf?.(preset));
  return [key, ...others].filter((secret) => secret !== undefined);
}
