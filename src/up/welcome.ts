import type { Addresses } from './addresses.js';
import type { SeedResult } from './seed.js';

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
  lines.push(`Admin plane   ${adminUrl}`, `Admin token   in ${facts.dataDir}/up.json (an operator's; used by "npx --no gt")`);
  lines.push(`Logs          ${facts.dataDir}/logs`);
  if (facts.seed === null) lines.push('', 'The keys were shown at the first start. A new one: npx --no gt key --help');
  else lines.push(...secretLines(facts.seed), ...examples(baseUrl, facts.seed.keys[0]?.secret ?? ''));
  lines.push('', 'Ctrl-C stops everything; the data stays.', '');
  return lines.join('\n');
}

function secretLines(seed: SeedResult): string[] {
  const named = [
    ...seed.keys.map(({ name, secret, explanation }) => [`Key ${name}`, `${secret}   ${explanation}`] as const),
    ['Owner token', `${seed.ownerToken}   admin plane, tenant demo`] as const,
  ];
  const width = Math.max(...named.map(([name]) => name.length)) + 3;
  return ['', 'Shown this once, keep them:', ...named.map(([name, text]) => name.padEnd(width) + text)];
}

/** Not indented and without a prompt: they work as they are pasted. */
function examples(baseUrl: string, key: string): string[] {
  const body = JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'Hello!' }] });
  return [
    '',
    'Try it in a shell:',
    '',
    `curl ${baseUrl}/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'`,
    '',
    'Or with the OpenAI SDK (npm install openai):',
    '',
    "import OpenAI from 'openai';",
    `const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: '${key}' });`,
    "const reply = await client.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content: 'Hello!' }] });",
    'console.log(reply.choices[0].message.content);',
  ];
}
