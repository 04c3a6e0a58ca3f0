import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { referencePage } from '../../../catalog/pages/reference-page.js';
import { Config } from '../../../config/config.module.js';
import { HostDirectory } from '../../../modules/tenants/host-directory.js';
import { KeptContent, sendKept } from '../../reply/kept-content.js';
import { readersOrigin } from '../../routing/public-origin.js';
import { SystemRoute } from '../../routing/system-route.decorator.js';
import { readReaderScript } from './reader-script.js';

/** Hosts under which the platform is asked: a caller may make up any number of them. */
const mostOrigins = 16;

/**
 * The page runs the script of this host alone, and calls this host alone. Styles stand in the page and in what the script draws;
 * answers that are pictures or sound are shown out of the page's own memory.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  'media-src blob:',
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const asIsNow = 'no-cache';
const forGood = 'public, max-age=31536000, immutable';

interface Described {
  readonly document: KeptContent;
  readonly page: KeptContent;
}

/** The description of both planes, for programs and for people. Needs no key: it is the same for everyone. */
@Controller()
export class DocsController {
  private readonly origins = new Map<string, Described>();

  constructor(
    private readonly config: Config,
    private readonly hosts: HostDirectory,
  ) {}

  @SystemRoute('openapi')
  async openApi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { document } = await this.described(request);
    await sendKept(request, reply.header('access-control-allow-origin', '*'), document, asIsNow);
  }

  @SystemRoute('docs')
  async docs(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { page } = await this.described(request);
    await sendKept(request, reply.header('content-security-policy', pagePolicy), page, asIsNow);
  }

  /** The page names it with its hash, so it may be kept for good. */
  @SystemRoute('docsReader')
  async reader(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendKept(request, reply, await readReaderScript(), forGood);
  }

  private async described(request: FastifyRequest): Promise<Described> {
    const origin = readersOrigin(request, this.config, this.hosts.ownerOf(request.hostname) !== undefined);
    const known = this.origins.get(origin);
    if (known !== undefined) return known;
    // Loaded with all that it describes only where somebody asks.
    const { openApiTextInSteps } = await import('../../../catalog/openapi/document.js');
    const [{ hash }, text] = await Promise.all([readReaderScript(), openApiTextInSteps(origin)]);
    const made = {
      document: new KeptContent('application/json; charset=utf-8', Buffer.from(text)),
      page: new KeptContent('text/html; charset=utf-8', Buffer.from(referencePage(origin, hash))),
    };
    const [oldest] = this.origins.keys();
    if (this.origins.size >= mostOrigins && oldest !== undefined) this.origins.delete(oldest);
    this.origins.set(origin, made);
    return made;
  }
}
