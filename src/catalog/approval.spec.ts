import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../kernel/app-error.js';
import {
  approvableRoutes,
  approvalRoutes,
  asksBody,
  heldByAny,
  heldRoutes,
  isBatchHeld,
  isHeld,
  isHeldOnSocket,
} from './approval.js';
import { routeIds, routeRow, type RouteId } from './routes.js';

const settings = fc.oneof(fc.constant(['*']), fc.subarray([...approvableRoutes]));
const routes = fc.constantFrom(...routeIds);

describe('which calls are held', () => {
  it('a route that only reads is never held, whatever is set', () => {
    fc.assert(
      fc.property(fc.array(settings), routes, (lists, id) => {
        if (routeRow(id).access === 'R') expect(isHeld({ approval: heldByAny(lists) }, id)).toBe(false);
      }),
    );
  });

  it('a route is held as soon as one of the settings names it, and no other is', () => {
    fc.assert(
      fc.property(fc.array(settings), routes, (lists, id) => {
        const named = lists.some((list: readonly string[]) => list.includes('*') || list.includes(id));
        const executes = routeRow(id).access === 'X' && id !== 'responses.websocket';
        expect(isHeld({ approval: heldByAny(lists) }, id)).toBe(named && executes);
      }),
    );
  });

  it('a further setting never lets go of what is held', () => {
    fc.assert(
      fc.property(fc.array(settings), settings, routes, (lists, further, id) => {
        const held = isHeld({ approval: heldByAny(lists) }, id);
        if (held) expect(isHeld({ approval: heldByAny([...lists, further]) }, id)).toBe(true);
      }),
    );
  });

  it('the lists of routes that are held say what is held', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const approval = heldByAny([setting]);
        const socket = allowsSocket(setting) ? ['responses.websocket'] : [];
        expect(heldRoutes({ approval })).toEqual(routeIds.filter((id) => isHeld({ approval }, id) || socket.includes(id)));
      }),
    );
  });

  it('a socket is opened, and what is asked over it is held where either of its routes is', () => {
    expect(isHeld({ approval: '*' }, 'responses.websocket')).toBe(false);
    expect(isHeldOnSocket({ approval: '*' })).toBe(true);
    expect(isHeldOnSocket({ approval: new Set(['responses.create']) })).toBe(true);
    expect(isHeldOnSocket({ approval: new Set(['responses.websocket']) })).toBe(true);
    expect(isHeldOnSocket({ approval: new Set(['chat.completions.create']) })).toBe(false);
  });

  it.each([
    [['batches.create'], '/v1/embeddings', true],
    [['chat.completions.create'], '/v1/chat/completions', true],
    [['chat.completions.create'], '/v1/embeddings', false],
    [['chat.completions.create'], 7, false],
    [['*'], undefined, true],
    [[], '/v1/chat/completions', false],
  ])('a batch under %j of %j is held: %j', (setting, endpoint, held) => {
    const approval = heldByAny([setting]);
    expect(isBatchHeld({ approval }, endpoint)).toBe(held);
    if (held && !isHeld({ approval }, 'batches.create')) expect(asksBody({ approval }, 'batches.create')).toBe(true);
  });
});

describe('the routes that a setting names', () => {
  it('go by their ids, by method and path, and by path', () => {
    expect(approvalRoutes(['POST /chat/completions', 'files.create'])).toEqual(['chat.completions.create', 'files.create']);
    expect(approvalRoutes(['/chat/completions/{completion_id}'])).toEqual(['chat.completions.delete', 'chat.completions.update']);
    expect(approvalRoutes(['post /files', 'files.create'])).toEqual(['files.create']);
    expect(approvalRoutes(['files.create', '*'])).toEqual(['*']);
  });

  it('stay as they are when they are set again', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const once = approvalRoutes(setting);
        expect(approvalRoutes(once)).toEqual(once);
      }),
    );
  });

  it.each(['models.list', 'GET /files', 'nonsense', '/nowhere', ''])('are none for %j', (text) => {
    expect(() => approvalRoutes([text])).toThrow(AppError);
  });
});

function allowsSocket(setting: readonly (RouteId | string)[]): boolean {
  return setting.includes('*') || setting.includes('responses.websocket');
}
