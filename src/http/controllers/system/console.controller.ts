import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendKept } from '../../reply/kept-content.js';
import { SystemRoute } from '../../routing/system-route.decorator.js';
import { unknownUrl } from '../../routing/unknown-url.js';
import { readConsole } from './console-files.js';

/**
 * The page runs scripts of this host alone and calls this host alone, so that nothing it shows can call anybody else. Styles stand in what its
 * libraries draw; pictures and sound are those of the page's own memory.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  'media-src data: blob:',
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const asIsNow = 'no-cache';
const forGood = 'public, max-age=31536000, immutable';

/** The console: its files by their names, and its page for every other address below it, which the page itself reads. */
@Controller()
export class ConsoleController {
  @SystemRoute('console')
  async file(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const files = await readConsole();
    const path = (request.url.split('?')[0] ?? '').slice('/console/'.length);
    const own = files?.get(path);
    const page = files?.get('index.html');
    void reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    // What has a name of its own and is not there is of another build: the page in its place would be run as a script.
    if (page === undefined || (own === undefined && /^assets\/|\.[a-z0-9]+$/.test(path))) throw unknownUrl(request);
    if (own !== undefined && own !== page) {
      await sendKept(request, reply, own, path.startsWith('assets/') ? forGood : asIsNow);
      return;
    }
    await sendKept(request, reply.header('content-security-policy', pagePolicy), page, asIsNow);
  }
}
