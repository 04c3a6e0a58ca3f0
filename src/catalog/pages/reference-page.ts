import { adminRouteIds, adminRouteRow } from '../admin-routes.js';
import { builtInPresets } from '../presets.js';
import { routeGroups } from '../route-row.js';
import { routeIds, routeRow, type RouteId } from '../routes.js';

/**
 * `/docs`: the page for people. The script of this host draws the reader from `/openapi.json`; what stands within its element
 * is shown until then, and to whoever runs no scripts. Calls are tried on the host that the page came from.
 * @param scriptHash of the script, which is kept under it.
 */
export function referencePage(origin: string, scriptHash: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GT API reference</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<script src="/docs/reader.js?v=${scriptHash}" defer></script>
</head>
<body>
<openapi-explorer spec-url="/openapi.json" server-url="/" hide-server-selection="true" hide-components="true" collapse="true" default-schema-tab="body" fetch-credentials="omit" primary-color="#1f4b6e" secondary-color="#e0a526" nav-bg-color="#12283a" nav-hover-bg-color="#1f4b6e">
<div class="plain">
${plainReference(origin)}
</div>
</openapi-explorer>
</body>
</html>
`;
}

/** The routes, their scopes and the presets as tables: all that a reader without scripts needs to find its way. */
function plainReference(origin: string): string {
  const base = `${escapeHtml(origin)}/api/tenant/v1`;
  const groups = routeGroups.filter((group) => routeIds.some((id) => routeRow(id).group === group));
  return `<header>
<h1>GT API</h1>
<p>Your company's agents behind the API that every OpenAI client speaks. Base URL: <code>${base}</code></p>
</header>
<nav aria-label="Groups">${groups.map((group) => `<a href="#${group}">${group}</a>`).join(' ')} <a href="#presets">presets</a> <a href="#admin">admin plane</a></nav>
<main>
<section>
<h2>First call</h2>
<pre>curl ${base}/chat/completions \\
  -H "Authorization: Bearer gtak_..." \\
  -H "Content-Type: application/json" \\
  -d '{"model":"default","messages":[{"role":"user","content":"Hello"}]}'</pre>
<p>Machine-readable: <a href="/openapi.json">openapi.json</a>. Errors always have the form <code>{"error":{"message","type","param","code"}}</code>.</p>
</section>
${groups.map(groupSection).join('\n')}
<section id="presets">
<h2>Key presets</h2>
${table(
  ['preset', 'purpose', 'scopes'],
  builtInPresets.map((preset) => [
    `<code>${preset.slug}</code><br>${escapeHtml(preset.name)}`,
    preset.purpose,
    codes(preset.scopes),
  ]),
)}
</section>
<section id="admin">
<h2>Admin plane</h2>
<p>Below <code>${escapeHtml(origin)}/api/admin/v1</code>, with a <code>gtad_</code> token, or signed in.</p>
${table(
  ['route', 'weakest role', 'what'],
  adminRouteIds.map((id) => {
    const row = adminRouteRow(id);
    return [`<code>${row.method} ${escapeHtml(row.path)}</code>`, row.role, escapeHtml(row.summary)];
  }),
)}
</section>
</main>`;
}

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{margin:0}
openapi-explorer{display:block;min-height:100vh}
.plain{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:68rem;padding:1.5rem}
h1{margin:0}h2{margin:2.5rem 0 .5rem;text-transform:capitalize}
nav{display:flex;flex-wrap:wrap;gap:.25rem .9rem;padding:.75rem 0;border-block:1px solid var(--line)}
code,pre{font:0.9em ui-monospace,monospace}pre{background:var(--soft);padding:1rem;overflow-x:auto;border-radius:.4rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line)}
td code{white-space:nowrap}.tag{font-size:.8em;border:1px solid var(--line);border-radius:1em;padding:0 .6em;white-space:nowrap}
`;

function groupSection(group: string): string {
  const rows = routeIds.filter((id) => routeRow(id).group === group).map(tenantRow);
  return `<section id="${group}">\n<h2>${group.replace(/_/g, ' ')}</h2>\n${table(['route', 'scope', 'what'], rows)}\n</section>`;
}

function tenantRow(id: RouteId): string[] {
  const row = routeRow(id);
  const tag = row.verdict === 'native' ? 'OpenAI' : 'GT extension';
  const what = `${escapeHtml(row.summary)} <span class="tag">${tag}</span>`;
  return [`<code>${row.method} ${escapeHtml(row.path)}</code>`, row.scopes === 'any' ? 'any' : codes(row.scopes), what];
}

function codes(texts: readonly string[]): string {
  return texts.map((text) => `<code>${escapeHtml(text)}</code>`).join(' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
