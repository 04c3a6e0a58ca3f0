import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Config } from '../../config/config.module.js';
import { leakReport, type LeakReport, type LeakReportAnswer } from '../../contracts/leak-reports.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash, isWellFormedCredential } from '../../kernel/credentials.js';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import { Log } from '../../observability/log.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { KeyLifeService } from '../keys/key-life.service.js';
import { AdminTokensService } from '../members/admin-tokens.service.js';
import { OperatorTokensService } from '../members/operator-tokens.service.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { keyEventOf } from './key-event.js';
import { LeakReportsRepository, type FoundSecret } from './leak-reports.repository.js';
import { reportDigest, ReportSignatures, type ReportHeaders } from './report-signature.js';

type Find = LeakReport[number];

/** The request of a report, and where it came from. */
export interface ReportCall {
  readonly headers: ReportHeaders;
  readonly body: Buffer;
  readonly requestId: string;
  readonly address: string;
}

/** Takes reports of secrets that were found somewhere public: what is good is ended at once, and its tenant told. */
@Injectable()
export class LeakReportsService {
  private readonly signatures: ReportSignatures;

  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: LeakReportsRepository,
    private readonly keys: KeyLifeService,
    private readonly adminTokens: AdminTokensService,
    private readonly operatorTokens: OperatorTokensService,
    private readonly outbox: WebhookOutbox,
    private readonly log: Log,
    config: Config,
  ) {
    this.signatures = new ReportSignatures(config.GT_LEAK_REPORT_KEYS);
  }

  /** Whether anybody can report anything. */
  get isOn(): boolean {
    return !this.signatures.isEmpty;
  }

  /**
   * @returns what became of each find. A report counts as taken once all of it was worked off: until then it may come again.
   * @throws AppError invalid_api_key for one that is not signed, old, or came before: nothing was looked up for it;
   * invalid_request for one of another form.
   */
  async take({ headers, body, requestId, address }: ReportCall): Promise<LeakReportAnswer> {
    if (!this.signatures.isGood(headers, body, Date.now())) throw refused();
    const report = leakReport.safeParse(parsedOrUndefined(body)).data;
    if (report === undefined) throw new AppError('invalid_request', { message: 'This is no report of found secrets.' });
    const digest = reportDigest(body);
    if (await this.repository.isKnown(digest)) throw refused();
    const actor = { name: `leak report (${headers.keyId ?? ''})`, requestId, address };
    const good = report.filter(({ token }) => isWellFormedCredential(token, 'gtak_') || isWellFormedCredential(token, 'gtad_'));
    const found = await this.repository.find(good.map(({ token }) => credentialHash(token)));
    for (const find of good) {
      const secret = found.get(credentialHash(find.token));
      if (secret !== undefined) await this.end(secret, find, actor);
    }
    // Only now: what a crash or the database breaks off must be taken when it comes again. To end a secret twice does no harm.
    await this.repository.remember(digest);
    return report.map(({ token, type }) => answerTo(token, type, found.has(credentialHash(token))));
  }

  private async end(secret: FoundSecret, find: Find, by: { name: string; requestId: string; address: string }): Promise<void> {
    this.log.warn('a secret was reported as leaked and has ended', {
      kind: secret.kind,
      id: secret.id,
      request_id: by.requestId,
    });
    if (secret.kind === 'operator_token') {
      await this.operatorTokens.revoke(by, secret.id);
      return;
    }
    const { tenantId, id } = secret;
    const actor = { ...by, tenantId, role: 'operator' as const };
    if (secret.kind === 'admin_token') {
      await this.adminTokens.revoke(actor, id);
      return;
    }
    await this.database.run(tenantId, async (transaction) => {
      const { changed, value } = await this.keys.setStateIn(transaction, actor, id, 'revoked');
      if (!changed) return;
      const leak = { last_four: secret.lastFour, url: find.url ?? null, source: find.source ?? null };
      await this.outbox.record(transaction, tenantId, 'key.leaked', () =>
        Promise.resolve({ object: keyEventOf(value.row, { leak }) }),
      );
    });
  }
}

function answerTo(token: string, type: string, isOurs: boolean): LeakReportAnswer[number] {
  const hash = createHash('sha256').update(token).digest('base64');
  return { token_hash: hash, token_type: type, label: isOurs ? 'true_positive' : 'false_positive' };
}

function refused(): AppError {
  return new AppError('invalid_api_key', {
    message: 'This report is not signed by a reporter that this platform knows, is older than five minutes, or came before.',
  });
}
