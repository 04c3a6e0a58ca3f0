#!/usr/bin/env node
/**
 * Takes pictures of every page of the console that the menu leads to, of a platform that runs, in both themes at two sizes:
 * GT_PASSWORD=… npm run console:shots -- [address] [tenant] [e-mail address]
 * They land in .gt/shots. Says what the browser and axe have found wrong, and ends with 1 when it is something serious.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [address = 'http://127.0.0.1:3000', tenant = 'demo', email = 'owner@demo.example'] = process.argv.slice(2);
const password = process.env.GT_PASSWORD;
if (password === undefined) {
  console.error('Set GT_PASSWORD to the password of the owner: the first start of "npm run up" has printed it.');
  process.exit(1);
}

const folder = join(fileURLToPath(new URL('..', import.meta.url)), '.gt', 'shots');
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

for (const width of [1440, 390])
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('pageerror', (error) => complain(page, error.message));
    page.on('console', (message) => message.type() === 'error' && complain(page, message.text()));
    await page.goto(`${address}/console/sign-in`, { waitUntil: 'networkidle' });
    await look(page, 'sign-in', width, theme);
    await page.getByLabel('Tenant').fill(tenant);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
    const links = page.locator('nav[aria-label="Pages"] a');
    await links.first().waitFor({ state: 'attached' });
    const paths = await links.evaluateAll((found) => found.map((link) => link.getAttribute('href')));
    for (const path of new Set([...paths, '/console/account', '/console/keys/new'])) {
      await page.goto(address + path, { waitUntil: 'networkidle' });
      await look(page, path.replace(/^\/console\/?/, '').replaceAll('/', '-') || 'overview', width, theme);
    }
    await context.close();
  }
await browser.close();
console.log(`The pictures are in ${folder}.`);

async function look(page, name, width, theme) {
  await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`), fullPage: true });
  const faults = await page.evaluate(
    `${axe}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  for (const { impact, id, nodes } of faults)
    if (['serious', 'critical'].includes(impact))
      complain(page, `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

function complain(page, text) {
  process.exitCode = 1;
  console.error(`${page.url()}: ${text}`);
}
