import type { Config } from '../config/load-config.js';
import { findFreePort, whyPortIsNotFree } from '../platform/embedded-postgres/free-port.js';
import { Addresses } from './addresses.js';
import type { DataFolder } from './data-folder.js';
import { changeState, loadState } from './local-state.js';
import { UpError } from './up-error.js';

/**
 * The ports of this start: the API's as set (0: any free one), the sandbox's as at the last start when it is free.
 * @throws UpError naming the port and its setting when the API could not listen there.
 */
export async function chooseAddresses(config: Config, folder: DataFolder): Promise<Addresses> {
  const { GT_HOST: host, GT_PORT: port } = config;
  const problem = port === 0 ? null : await whyPortIsNotFree(port, host);
  if (problem === 'EADDRINUSE') {
    throw new UpError(
      `Port ${port} of ${host} is used by another program. Choose another one with GT_PORT, e.g.: GT_PORT=${port + 1} npm run up`,
    );
  }
  if (problem !== null) throw new UpError(`The API cannot listen on port ${port} (GT_PORT) of ${host} (GT_HOST): ${problem}.`);
  const sandboxPort = await findFreePort(loadState(folder).sandbox_port);
  changeState(folder, { sandbox_port: sandboxPort });
  return new Addresses(host, port === 0 ? await findFreePort() : port, sandboxPort);
}
