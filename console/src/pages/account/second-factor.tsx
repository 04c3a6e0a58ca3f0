import { ShieldCheck, ShieldOff } from 'lucide-react';
import { useState } from 'react';
import type { Reply } from '../../api/call.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Panel } from '../../ui/panel.js';
import { SecretOnce } from '../../ui/secret-once.js';
import { BothFactors } from './both-factors.js';
import { SetUpTotp } from './set-up-totp.js';

/** The second factor: set up, its recovery codes, taken away. */
export function SecondFactor({ now }: { readonly now: Reply<'sign-in.get'> }) {
  const [asked, ask] = useState<'set-up' | 'renew' | 'remove' | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const show = (made: readonly string[]) => {
    ask(null);
    setCodes(made);
  };
  return (
    <Panel title="Second factor">
      <div className="flex flex-col items-start gap-3 text-sm">
        {now.totp ? (
          <>
            <p className="flex flex-wrap items-center gap-2">
              <ShieldCheck className="size-4 text-good" aria-hidden /> You sign in with your password and a code.
              <Badge tone={now.recovery_codes_left < 3 ? 'warn' : 'plain'}>{now.recovery_codes_left} recovery codes left</Badge>
            </p>
            <div className="flex flex-wrap gap-2">
              <Button onClick={() => ask('renew')}>New recovery codes</Button>
              <Button look="danger" onClick={() => ask('remove')}>
                Remove the second factor
              </Button>
            </div>
          </>
        ) : (
          <>
            <p className="flex items-center gap-2">
              <ShieldOff className="size-4 text-warn" aria-hidden /> Your password alone lets anybody in who has it.
            </p>
            {now.password ? (
              <Button look="primary" onClick={() => ask('set-up')}>
                Set up a second factor
              </Button>
            ) : (
              <p className="text-muted">Set it up at your tenant's own sign-in.</p>
            )}
          </>
        )}
      </div>
      {asked === 'set-up' && <SetUpTotp onClose={() => ask(null)} onCodes={show} />}
      {(asked === 'renew' || asked === 'remove') && <BothFactors what={asked} onClose={() => ask(null)} onCodes={show} />}
      {codes !== null && (
        <SecretOnce
          title="Recovery codes"
          description="Each lets you in once in place of a code of the app. Keep them where your phone is not."
          secret={codes.join('\n')}
          copy="Copy the recovery codes"
          onClose={() => setCodes(null)}
        />
      )}
    </Panel>
  );
}
