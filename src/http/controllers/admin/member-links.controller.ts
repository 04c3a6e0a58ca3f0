import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { toUnixSeconds } from '../../../contracts/times.js';
import type { MemberLinkObject } from '../../../contracts/sign-in.js';
import { MemberLinksService, type NewLink } from '../../../modules/sign-in/member-links.service.js';
import { Actors } from '../../auth/actor.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** Where owners make the links by which members come in. */
@Controller()
export class MemberLinksController {
  constructor(
    private readonly links: MemberLinksService,
    private readonly actors: Actors,
    private readonly config: Config,
  ) {}

  @AdminRoute('members.invite')
  async invite(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.invite');
    return this.present(request, await this.links.invite(await this.actors.of(request), pathParameter(request, 'id')));
  }

  @AdminRoute('members.recover')
  async recover(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'members.recover');
    const { second_factor: secondFactor } = adminBodyOf(request, 'members.recover');
    const actor = await this.actors.of(request);
    return this.present(request, await this.links.recover(actor, pathParameter(request, 'id'), secondFactor === 'reset'));
  }

  private present(request: FastifyRequest, { link, token }: NewLink): MemberLinkObject {
    return {
      object: 'member_link',
      id: link.id,
      kind: link.kind as MemberLinkObject['kind'],
      tenant: link.tenant.slug,
      member: link.memberId,
      url: `${publicOrigin(request, this.config)}/console/welcome#${token}`,
      token,
      expires_at: toUnixSeconds(link.expiresAt),
    };
  }
}
