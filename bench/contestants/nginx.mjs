import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';
import { cores, findProgram, startProcess } from '../processes.mjs';
import { withDescendants } from '../proc.mjs';
import { untilListening } from '../until-listening.mjs';
import { upstreamModels } from '../upstream.mjs';

/** Starts nginx's proxy_pass with a configuration and folder of its own. Null where nginx is not installed. */
export async function startNginx({ upstream, work }) {
  const program = findProgram('nginx');
  if (program === null) return null;
  const folder = join(work, 'nginx');
  mkdirSync(join(folder, 'temp'), { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration({ port, upstream, folder }));
  const log = openSync(join(folder, 'output.log'), 'a');
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', file];
  const started = startProcess(program, args, { core: cores?.relay, stdio: ['ignore', log, log] });
  await untilListening(port, started, 'nginx');
  // The worker that serves is a child of the master; its memory and time are what is meant.
  const worker = withDescendants([started.pid]).find((pid) => pid !== started.pid) ?? started.pid;
  return { name: 'nginx', port, prefix: upstream.prefix, key: null, models: upstreamModels, relayPids: [worker], otherPids: [] };
}

function configuration({ port, upstream, folder }) {
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 2048; }
http {
  access_log off;
${temps.map((name) => `  ${name}_temp_path ${folder}/temp/${name};`).join('\n')}
  keepalive_requests 1000000000;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  upstream provider {
    server 127.0.0.1:${upstream.port};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}
