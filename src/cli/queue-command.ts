import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { queueList } from '../contracts/files.js';
import { print, type CliContext } from './cli-context.js';
import { table } from './table.js';

const columns = ['queue', 'waiting', 'running', 'oldest_waiting'];

/** `gt queue`: how much work waits for the workers, for how long, and whether the document reader answers. */
export function addQueueCommand(program: Command, context: CliContext): void {
  program
    .command('queue')
    .description(adminRouteRow('jobs.list').summary)
    .action(async () => {
      const reply = queueList.parse(await context.http.call('jobs.list'));
      const rows = reply.data.map(({ id, waiting, running, oldest_waiting_ms }) => ({
        queue: id,
        waiting,
        running,
        oldest_waiting: oldest_waiting_ms === null ? '-' : `${(oldest_waiting_ms / 1000).toFixed(1)} s`,
      }));
      const reader = reply.document_reader;
      const note = reader ? `document reader (${reader.kind}): ${reader.answers ? 'answers' : 'does not answer'}\n` : '';
      print(context, reply, () => `${table(columns, rows)}${note}`);
    });
}
