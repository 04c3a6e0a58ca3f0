import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { openApiTextInSteps } from '../../../catalog/openapi/document.js';
import { referencePage } from '../../../catalog/pages/reference-page.js';
import { Config } from '../../../config/config.module.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { SystemRoute } from '../../routing/system-route.decorator.js';

/** The description of both planes, for programs and for people. Needs no key: it is the same for everyone. */
@Controller()
export class DocsController {
  constructor(private readonly config: Config) {}

  @SystemRoute('openapi')
  async openApi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const origin = publicOrigin(request, this.config);
    const text = await openApiTextInSteps(origin);
    await reply.header('access-control-allow-origin', '*').type('application/json; charset=utf-8').send(text);
  }

  @SystemRoute('docs')
  async docs(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await reply
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
      .type('text/html; charset=utf-8')
      .send(referencePage(publicOrigin(request, this.config)));
  }
}
