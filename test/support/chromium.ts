import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { describeWith, onThePath } from './installed.js';

const installed = onThePath('chromium', 'chromium-browser', 'google-chrome');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Changes of style take a moment even where motion is reduced: all of them are over then. */
const still = 'Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)))';

/** Describes what needs a browser, likewise: GT_TEST_REQUIRE_CHROMIUM=1 demands one. */
export function describeWithChromium(name: string, block: () => void): void {
  describeWith('chromium', installed, 'GT_TEST_REQUIRE_CHROMIUM', name, block);
}

export interface Look {
  /** In pixels; a wide screen without it. */
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

/** A real browser, in which any number of people look at the console of one platform, each with cookies of their own. */
export class ConsoleBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly origin: string,
  ) {}

  /** @param origin of the platform. */
  static async open(origin: string): Promise<ConsoleBrowser> {
    // Where the tests run as root, in a container for instance, the browser has no sandbox of its own.
    const browser = await chromium.launch({ executablePath: installed ?? 'chromium', args: ['--no-sandbox', '--disable-gpu'] });
    return new ConsoleBrowser(browser, origin);
  }

  async person({ width = 1440, theme = 'light' }: Look = {}): Promise<ConsolePerson> {
    // What fades in would be judged half way: its contrast is that of a moment.
    const context = await this.browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: theme,
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(20_000);
    return new ConsolePerson(await context.newPage(), context, this.origin);
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

/** Somebody at the console. Whatever goes wrong behind the page is written down. */
export class ConsolePerson {
  /** Errors of the page and its scripts, and requests to anybody else than the platform. */
  readonly faults: string[] = [];

  constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly origin: string,
  ) {
    page.on('pageerror', (error) => this.faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // A refusal that the page shows is an error to the browser too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.faults.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`) && !/^(?:data|blob):/.test(request.url()))
        this.faults.push(`elsewhere: ${request.url()}`);
    });
  }

  /** Opens a page of the console and waits until it asks for nothing more. @param path behind `/console`. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.origin}/console${path}`, { waitUntil: 'networkidle' });
  }

  async signIn(tenant: string, email: string, password: string): Promise<void> {
    await this.open('/sign-in');
    await this.page.getByLabel('Tenant').fill(tenant);
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await this.page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
  }

  /** Uses the session that another client of the platform has. @param cookie `name=value`. */
  async useSession(cookie: string): Promise<void> {
    const [name = '', value = ''] = cookie.split('=');
    await this.context.addCookies([{ name, value, url: this.origin, httpOnly: true, sameSite: 'Strict' }]);
  }

  /** What keeps people from using the page as it is now, as axe finds it: serious and critical faults. */
  async barriers(): Promise<string[]> {
    const found = (await this.page.evaluate(
      `${axe}; ${still}.then(() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ impact, id, nodes }) => ({ impact, id, at: nodes.map(({ target }) => target.join(' ')) }))))`,
    )) as { impact: string; id: string; at: string[] }[];
    return found.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, at }) => `${id}: ${at.join(', ')}`);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
