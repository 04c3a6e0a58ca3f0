import type { Addresses } from './addresses.js';
import { handbookDataset, handbookPath, handbookQuestion, librarian } from './handbook.js';
import { firstKey, uploadKey, type SeedResult } from './seed.js';

export interface WelcomeFacts {
  readonly addresses: Addresses;
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  /** What was made at this start; null when the platform was there already. */
  readonly seed: SeedResult | null;
}

/** What a person reads when the platform runs. Secrets stand in it only at the start that made them. */
export function welcomeText(facts: WelcomeFacts): string {
  const { baseUrl, adminUrl } = facts.addresses;
  const lines = ['', 'The GT API is running.', '', `Base URL      ${baseUrl}`];
  if (facts.publicUrl !== undefined) lines.push(`Public URL    ${new URL('/api/tenant/v1', facts.publicUrl).toString()}`);
  lines.push(`Admin plane   ${adminUrl}`, `Admin token   in ${facts.dataDir}/up.json (an operator's; used by "npx --no -- gt")`);
  lines.push(`Console       ${new URL('/console/', baseUrl).toString()}`);
  lines.push(`Reference     ${new URL('/docs', baseUrl).toString()}`);
  lines.push(`Logs          ${facts.dataDir}/logs`);
  if (facts.seed === null) lines.push('', 'The keys were shown at the first start. A new one: npx --no -- gt key --help');
  else lines.push(...secretLines(facts.seed), ...examples(baseUrl, facts.seed), ...documentExample(baseUrl, facts.seed));
  lines.push('', 'Ctrl-C stops everything; the data stays.', '');
  return lines.join('\n');
}

function secretLines(seed: SeedResult): string[] {
  const named = [
    ...seed.keys.map(({ name, secret, explanation }) => [`Key ${name}`, `${secret}   ${explanation}`] as const),
    ['Owner token', `${seed.ownerToken}   admin plane, tenant demo`] as const,
    [
      'Owner sign-in',
      `${seed.ownerSignIn.email}   ${seed.ownerSignIn.password}   tenant demo: npx --no -- gt sign-in --tenant demo`,
    ] as const,
  ];
  const width = Math.max(...named.map(([name]) => name.length)) + 3;
  return ['', 'Shown this once, keep them:', ...named.map(([name, text]) => name.padEnd(width) + text)];
}

/** Not indented and without a prompt: they work as they are pasted. */
function examples(baseUrl: string, seed: SeedResult): string[] {
  const key = secretNamed(seed, firstKey);
  return [
    '',
    'Try it in a shell:',
    '',
    chatLine(baseUrl, key, 'assistant', 'Hello!'),
    '',
    'Or with the OpenAI SDK (npm install openai):',
    '',
    "import OpenAI from 'openai';",
    `const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: '${key}' });`,
    "const reply = await client.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content: 'Hello!' }] });",
    'console.log(reply.choices[0].message.content);',
  ];
}

/** Three lines for one shell: upload, wait until the file has been processed, ask. */
function documentExample(baseUrl: string, seed: SeedResult): string[] {
  const signIn = `-H 'Authorization: Bearer ${secretNamed(seed, uploadKey)}'`;
  const file = `'file=@${handbookPath.replaceAll("'", `'\\''`)}'`;
  return [
    '',
    'Ask a document: upload it, wait until it is ready, ask.',
    '',
    `reply=$(curl -s ${baseUrl}/datasets/${handbookDataset}/files ${signIn} -F ${file}); echo "$reply"; file=$(echo "$reply" | grep -o 'file-[0-9A-Za-z]*' | head -n 1)`,
    `for n in 1 2 3 4; do curl -s "${baseUrl}/files/$file?wait=30" ${signIn} | grep -E '"status":"(ready|failed)"' && break; done`,
    chatLine(baseUrl, secretNamed(seed, firstKey), librarian, handbookQuestion),
  ];
}

function chatLine(baseUrl: string, key: string, model: string, content: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }] });
  return `curl ${baseUrl}/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'`;
}

function secretNamed(seed: SeedResult, name: string): string {
  return seed.keys.find((key) => key.name === name)?.secret ?? '';
}
