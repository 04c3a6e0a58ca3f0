import type { Body, Item } from '../../api/call.js';

export type Agent = Item<'agents.list'>;
export type Revision = Item<'agents.revisions'>;
type Given = Body<'agents.update'>;
export type Modality = keyof Agent['models'];
/** What an agent is, without its name and its times. */
export type Spec = Omit<Agent, 'object' | 'id' | 'name' | 'published_revision' | 'created_at' | 'updated_at'>;

interface ModelDraft {
  connection: string;
  model: string;
}

/** What the form of an agent holds. */
export interface AgentDraft {
  name: string;
  description: string;
  instructions: string;
  instructions_role: Agent['instructions_role'];
  models: Record<Modality, ModelDraft>;
  datasets: string[];
  sessions: boolean;
  context_tokens: number;
  max_output_tokens: number;
  /** JSON. */
  parameters: string;
  /** Parted by commas or spaces. */
  pinned: string;
  /** The rarer settings, in JSON. */
  more: string;
}

const rarer = ['fallbacks', 'hosted_tools', 'retry_after_max_seconds', 'fetch_addresses', 'batches'] as const;

export function draftOf(agent: Agent | undefined, modalities: readonly Modality[]): AgentDraft {
  const more = agent === undefined ? {} : Object.fromEntries(rarer.map((name) => [name, agent[name]]));
  const models = modalities.map((modality) => {
    const { connection = '', model = '' } = agent?.models[modality] ?? {};
    return [modality, { connection, model }];
  });
  return {
    name: agent?.name ?? '',
    description: agent?.description ?? '',
    instructions: agent?.instructions ?? '',
    instructions_role: agent?.instructions_role ?? 'system',
    models: Object.fromEntries(models) as AgentDraft['models'],
    datasets: [...(agent?.datasets ?? [])],
    sessions: agent?.sessions ?? false,
    context_tokens: agent?.context_tokens ?? 32_000,
    max_output_tokens: agent?.max_output_tokens ?? 4_096,
    parameters: JSON.stringify(agent?.parameters ?? {}, null, 2),
    pinned: agent?.pinned.join(', ') ?? '',
    more: JSON.stringify(more, null, 2),
  };
}

/** @throws SyntaxError for what is no JSON object. */
function readObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('It must be a JSON object.');
  return value as Record<string, unknown>;
}

export function jsonFault(text: string): string | true {
  try {
    readObject(text);
    return true;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/** The body that says all of a draft. What a model has beyond its name, such as a voice, stays as it is in `before`. */
export function bodyOf(draft: AgentDraft, before?: Agent): Given {
  const { models, parameters, pinned, more, ...plain } = draft;
  const named = Object.entries(models)
    .filter(([, { model }]) => model.trim() !== '')
    .map(([modality, { connection, model }]) => [
      modality,
      { ...before?.models[modality as Modality], connection, model: model.trim() },
    ]);
  return {
    ...plain,
    name: plain.name.trim(),
    models: Object.fromEntries(named) as NonNullable<Given['models']>,
    parameters: readObject(parameters) as NonNullable<Given['parameters']>,
    pinned: pinned.split(/[\s,]+/).filter((name) => name !== ''),
    ...(readObject(more) as Given),
  };
}

/** The fields of a draft that are other than they were when the form was filled: what others change meanwhile stays. */
export function changesOf(filled: AgentDraft, draft: AgentDraft, before: Agent): Given {
  const old: Record<string, unknown> = bodyOf(filled, before);
  const changed = Object.entries(bodyOf(draft, before)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
  );
  return Object.fromEntries(changed) as Given;
}

const ofRevision = ['object', 'id', 'agent', 'number', 'created_at', 'created_by'];
const ofAgent = ['object', 'id', 'name', 'published_revision', 'created_at', 'updated_at'];

export const specOf = (agent: Agent): Spec => without(agent, ofAgent);

/** What a revision says, with its ids as names, as a draft has them. @param names by ids, of connections and datasets. */
export function specOfRevision(revision: Revision, names: ReadonlyMap<string, string>): Spec {
  const spec = without(revision, ofRevision);
  const name = (id: string) => names.get(id) ?? id;
  const reference = <T extends ModelDraft>(model: T): T => ({ ...model, connection: name(model.connection) });
  const models = Object.fromEntries(Object.entries(spec.models).map(([modality, model]) => [modality, reference(model)]));
  const fallbacks = Object.entries(spec.fallbacks ?? {}).map(([modality, further]) => [modality, further.map(reference)]);
  return { ...spec, models, datasets: spec.datasets.map(name), fallbacks: Object.fromEntries(fallbacks) as Spec['fallbacks'] };
}

const without = (whole: object, names: readonly string[]): Spec =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name))) as Spec;
