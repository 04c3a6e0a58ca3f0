import { actionSetModule, currentActionSet } from './catalog/harbor/version.js';
import { harborManifestFile, harborPage } from './catalog/pages/harbor-page.js';
import { providersPage } from './catalog/pages/providers-page.js';
import { errorsPage, routesPage } from './catalog/pages/routes-page.js';
import { runbookPage } from './catalog/pages/runbooks/runbook-page.js';
import { compatibilityPage, runbooksIndexPage } from './catalog/pages/runbooks/runbooks-page.js';
import { runbooks } from './catalog/runbooks/index.js';
import { diagnosesPage } from './cli/doctor/diagnoses-page.js';
import { settingsPage } from './config/settings-page.js';

/** The pages of docs/ that are functions of the tables, by file name. `npm run docs` writes them, a test compares. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'routes.md': routesPage(),
    'errors.md': errorsPage(),
    'providers.md': providersPage(),
    'settings.md': settingsPage(),
    'diagnoses.md': diagnosesPage(),
    'harbor/actions.md': harborPage(),
    'harbor/manifest.json': harborManifestFile(),
    'runbooks/index.md': runbooksIndexPage(),
    'runbooks/compatibility.md': compatibilityPage(),
    ...Object.fromEntries(runbooks.map((row) => [`runbooks/${row.slug}.md`, runbookPage(row)])),
  };
}

/** The modules of src/ that are written in the same way. */
export function generatedModules(): Readonly<Record<string, string>> {
  return { 'catalog/harbor/action-set.ts': actionSetModule(currentActionSet()) };
}
