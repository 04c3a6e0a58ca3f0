import type { z } from 'zod';
import { fieldFaults, fieldPath } from '../contracts/field-faults.js';
import { platformFile, writtenPlatformFile, type PlatformFile, type WrittenPlatformFile } from '../contracts/platform-file.js';
import { usageError } from './cli-error.js';
import { readYamlFile } from './yaml-file.js';

type WrittenConnection = WrittenPlatformFile['tenants'][number]['connections'][number];

/**
 * Reads the file of `gt apply` and puts the secrets in that `token_env` and `client_secret_env` name. Nothing has been sent when this fails.
 * @throws CliError with a line for each fault, each with the path of its field.
 */
export function readPlatformYaml(path: string, env: Readonly<Record<string, string | undefined>>): PlatformFile {
  const written = parsed(path, writtenPlatformFile, readYamlFile(path));
  const missing: string[] = [];
  const tenants = written.tenants.map((tenant, tenantAt) => ({
    ...tenant,
    connections: tenant.connections.map((connection, at) => {
      return withSecret(connection, env, (field, name) => {
        const place = fieldPath(['tenants', tenantAt, 'connections', at, 'auth', field]);
        missing.push(
          `${path}: ${place}: the environment variable ${name} is not set. Set it, or leave ${field} out to keep the stored ${secretNames[field]}.`,
        );
      });
    }),
  }));
  const [first, ...rest] = missing;
  if (first !== undefined) throw usageError(first, ...rest);
  return parsed(path, platformFile, { tenants });
}

const secretNames = { token_env: 'token', client_secret_env: 'client secret' } as const;

function withSecret(
  connection: WrittenConnection,
  env: Readonly<Record<string, string | undefined>>,
  onMissing: (field: keyof typeof secretNames, name: string) => void,
): object {
  const valueOf = (field: keyof typeof secretNames, name: string): string | undefined => {
    const value = env[name] || undefined;
    if (value === undefined) onMissing(field, name);
    return value;
  };
  const { auth } = connection;
  if (auth.mode === 'header_token' && auth.token_env !== undefined) {
    const { token_env: name, ...rest } = auth;
    return { ...connection, auth: { ...rest, token: valueOf('token_env', name) } };
  }
  if (auth.mode === 'oauth' && auth.client_secret_env !== undefined) {
    const { client_secret_env: name, ...rest } = auth;
    return { ...connection, auth: { ...rest, client_secret: valueOf('client_secret_env', name) } };
  }
  return connection;
}

function parsed<S extends z.ZodType>(path: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first = `${path}: the file is not valid.`, ...rest] = fieldFaults(result.error).map(
    (fault) => `${path}: ${fault.path} ${fault.message}.`,
  );
  throw usageError(first, ...rest);
}
