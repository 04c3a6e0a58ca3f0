import type { Json } from './json.js';

/** A call that the samples make. */
export interface SampleCall {
  readonly method: string;
  /** Behind the origin, its parameters filled in. */
  readonly path: string;
  /** The variable of the environment that holds the credential; none where no key is needed. */
  readonly key: string | undefined;
  readonly json?: unknown;
  /** Fields of a form: `true` for a file, else the text. */
  readonly form?: Readonly<Record<string, string | true>>;
  readonly isBytes: boolean;
  /** The method of OpenAI's SDKs that makes the same call with the body as its only argument. */
  readonly sdk?: string;
}

/** Stands in samples for scheme and host of the platform, and is replaced when the document is served. */
export const originMark = '{{origin}}';

/** Where Node's programs find their environment; this one reads it in one place. */
const variables = ['process', 'env'].join('.');

/** The call in curl, Python and Node, as readers of OpenAPI show it. */
export function samples(call: SampleCall): Json[] {
  return [
    { lang: 'bash', label: 'curl', source: curl(call) },
    { lang: 'python', label: 'Python', source: call.sdk === undefined ? python(call) : pythonSdk(call, call.sdk) },
    { lang: 'javascript', label: 'Node', source: call.sdk === undefined ? node(call) : nodeSdk(call, call.sdk) },
  ];
}

function curl({ method, path, key, json, form, isBytes }: SampleCall): string {
  const sendsBody = json !== undefined || form !== undefined;
  const lines = [
    `curl ${method === 'GET' || (method === 'POST' && sendsBody) ? '' : `-X ${method} `}${quoted(originMark + path)}`,
    ...(key === undefined ? [] : [`-H "Authorization: Bearer $${key}"`]),
    ...(json === undefined ? [] : ['-H "Content-Type: application/json"', `-d ${quoted(JSON.stringify(json, null, 2))}`]),
    ...Object.entries(form ?? {}).map(([name, text]) => `-F ${quoted(`${name}=${text === true ? '@document.pdf' : text}`)}`),
    ...(isBytes ? ['--output answer'] : []),
  ];
  return lines.join(' \\\n  ');
}

/** In single quotes the shell reads nothing but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function python({ method, path, key, json, form, isBytes }: SampleCall): string {
  const files = Object.entries(form ?? {}).filter(([, text]) => text === true);
  const fields = Object.entries(form ?? {}).filter(([, text]) => text !== true);
  const lines = [
    ...(key === undefined ? ['import requests'] : ['import os', '', 'import requests']),
    '',
    `response = requests.${method.toLowerCase()}(`,
    `    "${originMark}${path}",`,
    ...(key === undefined ? [] : [`    headers={"Authorization": f"Bearer {os.environ['${key}']}"},`]),
    ...(json === undefined ? [] : [`    json=${indented(pythonText(json, 0), 4)},`]),
    ...(files.length === 0 ? [] : [`    files={${files.map(([name]) => `"${name}": open("document.pdf", "rb")`).join(', ')}},`]),
    ...(fields.length === 0 ? [] : [`    data=${indented(pythonText(Object.fromEntries(fields), 0), 4)},`]),
    ')',
    'response.raise_for_status()',
    isBytes ? 'open("answer", "wb").write(response.content)' : 'print(response.json())',
  ];
  return lines.join('\n');
}

function pythonSdk({ key, json, isBytes }: SampleCall, sdk: string): string {
  const members = Object.entries(json as object).map(([name, value]) => `    ${name}=${indented(pythonText(value, 0), 4)},`);
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${originMark}/api/tenant/v1", api_key=os.environ["${key ?? ''}"])`,
    `answer = client.${sdk}(`,
    ...members,
    ')',
    isBytes ? 'answer.write_to_file("answer")' : 'print(answer)',
  ].join('\n');
}

function pythonText(value: unknown, depth: number): string {
  const pad = ' '.repeat((depth + 1) * 4);
  const end = ' '.repeat(depth * 4);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? value.map((item) => pythonText(item, depth + 1))
    : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${pythonText(member, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return parts.length === 0 ? open + close : `${open}\n${parts.map((part) => `${pad}${part},`).join('\n')}\n${end}${close}`;
}

function node({ method, path, key, json, form, isBytes }: SampleCall): string {
  const headers = [
    ...(key === undefined ? [] : [`Authorization: \`Bearer \${${variables}.${key}}\``]),
    ...(json === undefined ? [] : ["'Content-Type': 'application/json'"]),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(', ')} },`]),
    ...(json === undefined ? [] : [`  body: JSON.stringify(${indented(JSON.stringify(json, null, 2), 2)}),`]),
    ...(form === undefined ? [] : ['  body: form,']),
  ];
  return [
    ...importsOf(form, isBytes),
    ...formLines(form),
    options.length === 0
      ? `const response = await fetch('${originMark}${path}');`
      : `const response = await fetch('${originMark}${path}', {\n${options.join('\n')}\n});`,
    'if (!response.ok) throw new Error(await response.text());',
    isBytes ? "await writeFile('answer', Buffer.from(await response.arrayBuffer()));" : 'console.log(await response.json());',
  ].join('\n');
}

function importsOf(form: SampleCall['form'], isBytes: boolean): string[] {
  const imports = [
    ...(form === undefined ? [] : ["import { openAsBlob } from 'node:fs';"]),
    ...(isBytes ? ["import { writeFile } from 'node:fs/promises';"] : []),
  ];
  return imports.length === 0 ? [] : [...imports, ''];
}

function formLines(form: SampleCall['form']): string[] {
  if (form === undefined) return [];
  const fields = Object.entries(form).map(([name, text]) =>
    text === true
      ? `form.set('${name}', await openAsBlob('document.pdf'), 'document.pdf');`
      : `form.set('${name}', ${JSON.stringify(text)});`,
  );
  return ['const form = new FormData();', ...fields];
}

function nodeSdk({ key, json, isBytes }: SampleCall, sdk: string): string {
  return [
    ...(isBytes ? ["import { writeFile } from 'node:fs/promises';"] : []),
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${originMark}/api/tenant/v1', apiKey: ${variables}.${key ?? ''} });`,
    `const answer = await client.${sdk}(${JSON.stringify(json, null, 2)});`,
    isBytes ? "await writeFile('answer', Buffer.from(await answer.arrayBuffer()));" : 'console.log(answer);',
  ].join('\n');
}

/** The lines behind the first stand further right. */
function indented(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`);
}
