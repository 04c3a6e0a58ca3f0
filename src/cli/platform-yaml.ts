import type { z } from 'zod';
import { fieldFaults, fieldPath } from '../contracts/field-faults.js';
import { platformFile, writtenPlatformFile, type PlatformFile, type WrittenPlatformFile } from '../contracts/platform-file.js';
import { usageError } from './cli-error.js';
import { readYamlFile } from './yaml-file.js';

type WrittenConnection = WrittenPlatformFile['tenants'][number]['connections'][number];

/**
 * Reads the file of `gt apply` and puts the secrets in whose variables it names. Nothing has been sent when this fails.
 * @throws CliError with a line for each fault, each with the path of its field.
 */
export function readPlatformYaml(path: string, env: Readonly<Record<string, string | undefined>>): PlatformFile {
  const written = parsed(path, writtenPlatformFile, readYamlFile(path));
  const missing: string[] = [];
  const tenants = written.tenants.map((tenant, tenantAt) => ({
    ...tenant,
    connections: tenant.connections.map((connection, at) =>
      withSecrets(connection, (field, name, what) => {
        const value = env[name] || undefined;
        const place = fieldPath(['tenants', tenantAt, 'connections', at, ...field]);
        if (value === undefined)
          missing.push(
            `${path}: ${place}: the environment variable ${name} is not set. Set it, or leave ${field.at(-1)} out to keep the stored ${what}.`,
          );
        return value;
      }),
    ),
  }));
  const [first, ...rest] = missing;
  if (first !== undefined) throw usageError(first, ...rest);
  return parsed(path, platformFile, { prices: written.prices, tenants });
}

/** What a variable holds; undefined, and noted, where it is not set. */
type ValueOf = (field: readonly string[], name: string, what: string) => string | undefined;

function withSecrets({ headers_env: variables, proxy, ...connection }: WrittenConnection, valueOf: ValueOf): object {
  return {
    ...connection,
    auth: authOf(connection.auth, valueOf),
    ...headersOf(connection.headers, variables, valueOf),
    ...(proxy === undefined ? {} : { proxy: proxyOf(proxy, valueOf) }),
  };
}

function proxyOf(proxy: WrittenConnection['proxy'], valueOf: ValueOf): unknown {
  if (proxy?.password_env === undefined) return proxy;
  const { password_env: name, ...rest } = proxy;
  return { ...rest, password: valueOf(['proxy', 'password_env'], name, 'name and password (leave username out too)') };
}

function authOf(auth: WrittenConnection['auth'], valueOf: ValueOf): object {
  if (auth.mode === 'header_token') {
    const { token_env: name, further_tokens_env: furtherNames, ...rest } = auth;
    const further = furtherNames?.map((each) => valueOf(['auth', 'further_tokens_env'], each, 'further tokens'));
    return {
      ...rest,
      ...(name === undefined ? {} : { token: valueOf(['auth', 'token_env'], name, 'token') }),
      ...(further === undefined ? {} : { further_tokens: further }),
    };
  }
  if (auth.mode === 'oauth' && auth.client_secret_env !== undefined) {
    const { client_secret_env: name, ...rest } = auth;
    return { ...rest, client_secret: valueOf(['auth', 'client_secret_env'], name, 'client secret') };
  }
  return auth;
}

/** Headers with those whose values stand in variables. */
function headersOf(
  headers: WrittenConnection['headers'],
  variables: Readonly<Record<string, string>> | undefined,
  valueOf: ValueOf,
): { readonly headers?: object } {
  if (variables === undefined) return headers === undefined ? {} : { headers };
  const values = Object.entries(variables).map(([name, variable]) => {
    return [name, valueOf(['headers_env', name], variable, 'header')] as const;
  });
  return { headers: { ...headers, ...Object.fromEntries(values) } };
}

function parsed<S extends z.ZodType>(path: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first = `${path}: the file is not valid.`, ...rest] = fieldFaults(result.error).map(
    (fault) => `${path}: ${fault.path} ${fault.message}.`,
  );
  throw usageError(first, ...rest);
}
