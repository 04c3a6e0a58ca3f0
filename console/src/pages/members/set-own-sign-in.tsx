import { useForm } from 'react-hook-form';
import type { Reply } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field, Input, Select } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';

interface Props {
  readonly now: Reply<'oidc.get'> | undefined;
  readonly onClose: () => void;
}

/** Sets the provider at which members sign in. A secret that is left empty stays as it is. */
export function SetOwnSignIn({ now, onClose }: Props) {
  const { register, handleSubmit } = useForm({
    defaultValues: {
      issuer: now?.issuer ?? '',
      client_id: now?.client_id ?? '',
      client_secret: '',
      client_auth: now?.client_auth ?? ('basic' as const),
      scopes: now?.scopes.join(' ') ?? 'email profile',
    },
  });
  const { mutate, isPending, error } = useChange('oidc.set', { done: 'The single sign-on is set.' });
  const save = handleSubmit(({ scopes, client_secret, ...rest }) => {
    const body = {
      ...rest,
      scopes: scopes.split(/\s+/).filter((scope) => scope !== '' && scope !== 'openid'),
      ...(client_secret === '' ? {} : { client_secret }),
    };
    mutate({ body }, { onSuccess: onClose });
  });
  const secretHint = now?.has_client_secret === true ? 'Empty: the stored one stays.' : 'Stored sealed, and never shown.';
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Single sign-on"
      description="The platform reads the addresses of the provider from its issuer when you save."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="oidc" busy={isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id="oidc" className="flex flex-col gap-4" onSubmit={(event) => void save(event)}>
        <Field label="Issuer" hint="Such as https://login.example.com" fault={faultOf(error, 'issuer')}>
          {(own) => <Input {...own} type="url" required {...register('issuer')} />}
        </Field>
        <Field label="Client id" fault={faultOf(error, 'client_id')}>
          {(own) => <Input {...own} required autoComplete="off" {...register('client_id')} />}
        </Field>
        <Field label="Client secret" hint={secretHint} fault={faultOf(error, 'client_secret')}>
          {(own) => <Input {...own} type="password" autoComplete="new-password" {...register('client_secret')} />}
        </Field>
        <Field label="Secret is sent" fault={faultOf(error, 'client_auth')}>
          {(own) => (
            <Select {...own} {...register('client_auth')}>
              <option value="basic">in the authorization header</option>
              <option value="post">in the form</option>
            </Select>
          )}
        </Field>
        <Field label="Scopes" hint="Beside openid, with spaces between." fault={faultOf(error, 'scopes')}>
          {(own) => <Input {...own} {...register('scopes')} />}
        </Field>
        <FormTrouble error={error} fields={['issuer', 'client_id', 'client_secret', 'client_auth', 'scopes']} />
      </form>
    </Dialog>
  );
}
