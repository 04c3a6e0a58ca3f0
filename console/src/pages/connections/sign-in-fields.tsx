import type { UseFormReturn } from 'react-hook-form';
import { Field, Input, Select } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf } from '../../ui/trouble.js';
import type { ConnectionDraft } from './connection-draft.js';
import type { Connection } from './words.js';

interface SignInProps {
  readonly form: UseFormReturn<ConnectionDraft>;
  readonly error: unknown;
  readonly of?: Connection | undefined;
}

const addresses = [
  ['issuer', 'Issuer'],
  ['token_endpoint', 'Token endpoint'],
  ['authorization_endpoint', 'Authorization endpoint'],
  ['device_authorization_endpoint', 'Device authorization endpoint'],
  ['redirect_uri', 'Redirect address'],
  ['audience', 'Audience'],
] as const;

/** How the connection signs in. Secrets are taken in and never shown. */
export function SignInFields({ form, error, of: connection }: SignInProps) {
  const { register, watch } = form;
  const mode = watch('mode');
  const isKept =
    connection?.auth.mode === mode && mode !== 'none' && connection.auth.mode !== 'none' && connection.auth.secret_set;
  const secretHint = isKept ? 'One is stored. Leave it empty to keep it.' : 'It is stored sealed and never shown again.';
  return (
    <Panel title="Sign-in">
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2">
        <Field label="Signs in with">
          {(own) => (
            <Select {...own} {...register('mode')}>
              <option value="header_token">A token</option>
              <option value="oauth">A login (OAuth)</option>
              <option value="none">No credential</option>
            </Select>
          )}
        </Field>
        {mode === 'header_token' && (
          <Field label="Token" hint={secretHint} fault={faultOf(error, 'auth.token')}>
            {(own) => <Input {...own} type="password" autoComplete="new-password" {...register('token')} />}
          </Field>
        )}
        {mode === 'oauth' && (
          <>
            <Field label="Tokens are got">
              {(own) => (
                <Select {...own} {...register('grant')}>
                  <option value="authorization_code">With a browser</option>
                  <option value="device_code">With a code on another device</option>
                  <option value="client_credentials">By the platform itself</option>
                </Select>
              )}
            </Field>
            <Field label="Client id" fault={faultOf(error, 'auth.client_id')}>
              {(own) => <Input {...own} required autoComplete="off" {...register('client_id')} />}
            </Field>
            <Field label="Client secret" hint={secretHint} fault={faultOf(error, 'auth.client_secret')}>
              {(own) => <Input {...own} type="password" autoComplete="new-password" {...register('client_secret')} />}
            </Field>
            <Field label="Scopes" hint="Parted by spaces." fault={faultOf(error, 'auth.scopes')}>
              {(own) => <Input {...own} {...register('scopes')} />}
            </Field>
            {addresses.map(([name, label]) => (
              <Field key={name} label={label} fault={faultOf(error, `auth.${name}`)}>
                {(own) => <Input {...own} autoComplete="off" {...register(`login.${name}`)} />}
              </Field>
            ))}
          </>
        )}
      </div>
    </Panel>
  );
}
