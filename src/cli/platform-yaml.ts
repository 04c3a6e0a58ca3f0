import type { z } from 'zod';
import { fieldFaults, fieldPath } from '../contracts/field-faults.js';
import { platformFile, writtenPlatformFile, type PlatformFile, type WrittenPlatformFile } from '../contracts/platform-file.js';
import { usageError } from './cli-error.js';
import { readYamlFile } from './yaml-file.js';

type WrittenConnection = WrittenPlatformFile['tenants'][number]['connections'][number];

/**
 * Reads the file of `gt apply` and puts the tokens in that `token_env` names. Nothing has been sent when this fails.
 * @throws CliError with a line for each fault, each with the path of its field.
 */
export function readPlatformYaml(path: string, env: Readonly<Record<string, string | undefined>>): PlatformFile {
  const written = parsed(path, writtenPlatformFile, readYamlFile(path));
  const missing: string[] = [];
  const tenants = written.tenants.map((tenant, tenantAt) => ({
    ...tenant,
    connections: tenant.connections.map((connection, at) => {
      const place = fieldPath(['tenants', tenantAt, 'connections', at, 'auth', 'token_env']);
      return withToken(connection, env, (name) =>
        missing.push(
          `${path}: ${place}: the environment variable ${name} is not set. Set it, or leave token_env out to keep the stored token.`,
        ),
      );
    }),
  }));
  const [first, ...rest] = missing;
  if (first !== undefined) throw usageError(first, ...rest);
  return parsed(path, platformFile, { tenants });
}

function withToken(
  connection: WrittenConnection,
  env: Readonly<Record<string, string | undefined>>,
  onMissing: (name: string) => void,
): object {
  if (connection.auth.mode !== 'header_token' || connection.auth.token_env === undefined) return connection;
  const { token_env: name, ...auth } = connection.auth;
  const token = env[name] || undefined;
  if (token === undefined) onMissing(name);
  return { ...connection, auth: { ...auth, token } };
}

function parsed<S extends z.ZodType>(path: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first = `${path}: the file is not valid.`, ...rest] = fieldFaults(result.error).map(
    (fault) => `${path}: ${fault.path} ${fault.message}.`,
  );
  throw usageError(first, ...rest);
}
