import type { Reply } from '../../api/call.js';

export type IssuedKey = Reply<'keys.create'>;

export interface Snippet {
  readonly id: 'curl' | 'python' | 'node';
  readonly label: string;
  readonly text: string;
}

/** What of the API a key is shown with: the first of these that it may do. */
interface Use {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly python: string;
  readonly node: string;
}

/** A model that the key may name; `default` where it may name all. */
export function modelOf({ agents, raw_models }: Pick<IssuedKey, 'agents' | 'raw_models'>): string {
  return [...agents, ...raw_models].find((name) => name !== '*') ?? 'default';
}

/** A published name, as a runbook lists them: the one to use first stands first. */
type Published = Reply<'runbooks.get'>['filled_with']['names'][number];

/** A name that the key may call and that serves what the key is shown with; the default of the tenant for a key that names none itself. */
export function servingModel(key: IssuedKey, names: readonly Published[]): string {
  const allowed = names.filter(({ name, kind }) => {
    const own = kind === 'agent_alias' ? key.agents : key.raw_models;
    return own.includes('*') || own.includes(name);
  });
  const modality = (['chat', 'embed', 'image'] as const).find((one) => key.effective_scopes.includes(`inference:${one}`));
  const serving = allowed.find(({ modalities }) => modality === undefined || modalities.includes(modality));
  return serving?.name ?? modelOf(key);
}

function useOf(key: IssuedKey, model: string): Use | null {
  const has = (scope: IssuedKey['scopes'][number]) => key.effective_scopes.includes(scope);
  if (has('inference:chat'))
    return {
      path: '/chat/completions',
      body: { model, messages: [{ role: 'user', content: 'Hello!' }] },
      python: `reply = client.chat.completions.create(\n    model=${JSON.stringify(model)},\n    messages=[{"role": "user", "content": "Hello!"}],\n)\nprint(reply.choices[0].message.content)`,
      node: `const reply = await client.chat.completions.create({\n  model: ${JSON.stringify(model)},\n  messages: [{ role: 'user', content: 'Hello!' }],\n});\nconsole.log(reply.choices[0].message.content);`,
    };
  if (has('inference:embed'))
    return {
      path: '/embeddings',
      body: { model, input: 'Hello!' },
      python: `reply = client.embeddings.create(model=${JSON.stringify(model)}, input="Hello!")\nprint(len(reply.data[0].embedding))`,
      node: `const reply = await client.embeddings.create({ model: ${JSON.stringify(model)}, input: 'Hello!' });\nconsole.log(reply.data[0].embedding.length);`,
    };
  if (has('inference:image'))
    return {
      path: '/images/generations',
      body: { model, prompt: 'A lighthouse at dawn' },
      python: `reply = client.images.generate(model=${JSON.stringify(model)}, prompt="A lighthouse at dawn")\nprint(reply.data[0])`,
      node: `const reply = await client.images.generate({ model: ${JSON.stringify(model)}, prompt: 'A lighthouse at dawn' });\nconsole.log(reply.data[0]);`,
    };
  return null;
}

/** The same call in three languages, with the secret filled in. @param base the base URL, which ends in /v1. */
export function snippetsOf(key: IssuedKey, base: string, model: string): Snippet[] {
  const use = useOf(key, model);
  const auth = `-H 'Authorization: Bearer ${key.secret}'`;
  const dataset = key.datasets.find((name) => name !== '*');
  const curl =
    use !== null
      ? `curl ${base}${use.path} \\\n  ${auth} \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(use.body)}'`
      : key.effective_scopes.includes('datasets:write') && dataset !== undefined
        ? `curl ${base}/datasets/${dataset}/files \\\n  ${auth} \\\n  -F 'file=@handbook.pdf'`
        : `curl ${base}/models \\\n  ${auth}`;
  const pythonClient = `from openai import OpenAI\n\nclient = OpenAI(\n    base_url="${base}",\n    api_key="${key.secret}",\n)`;
  const nodeClient = `import OpenAI from 'openai';\n\nconst client = new OpenAI({\n  baseURL: '${base}',\n  apiKey: '${key.secret}',\n});`;
  const python = use?.python ?? 'for model in client.models.list():\n    print(model.id)';
  const node = use?.node ?? 'for await (const model of client.models.list()) console.log(model.id);';
  return [
    { id: 'curl', label: 'curl', text: curl },
    { id: 'python', label: 'Python', text: `${pythonClient}\n${python}` },
    { id: 'node', label: 'Node', text: `${nodeClient}\n${node}` },
  ];
}
