import { Controller, HttpCode, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { LeakReportAnswer } from '../../../contracts/leak-reports.js';
import { LeakReportsService } from '../../../modules/key-hygiene/leak-reports.service.js';
import { SystemRoute } from '../../routing/system-route.decorator.js';
import { unknownUrl } from '../../routing/unknown-url.js';

/** Where reporters of found secrets come in. Without a reporter that the operator knows, the path does not exist. */
@Controller()
export class LeakReportsController {
  constructor(private readonly reports: LeakReportsService) {}

  @SystemRoute('leakReports')
  @HttpCode(200)
  async take(@Req() request: FastifyRequest): Promise<LeakReportAnswer> {
    if (!this.reports.isOn) throw unknownUrl(request);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const header = (name: string): string | undefined => [request.headers[name]].flat()[0];
    const headers = {
      keyId: header('github-public-key-identifier'),
      signature: header('github-public-key-signature'),
      date: header('date'),
    };
    const { requestId, ip } = request.gt;
    return this.reports.take({ headers, body, requestId, address: ip });
  }
}
