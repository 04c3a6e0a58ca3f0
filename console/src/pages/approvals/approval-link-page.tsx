import { useEffect, useState } from 'react';
import { call, type Reply } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';
import { Loading } from '../../ui/loading.js';
import { Trouble } from '../../ui/trouble.js';
import { MemberForm } from '../sign-in/member-form.js';
import { SignInFrame } from '../sign-in/sign-in-frame.js';
import { useAttempt } from '../sign-in/use-attempt.js';
import { Decision } from './decision.js';
import { HeldCall } from './held-call.js';

/**
 * Where a link to a held call leads. Its token stands behind the # of the address: it is taken out of the address at once, and kept in the
 * memory of the page alone, also while its member signs in. Opening it decides nothing.
 */
export function ApprovalLinkPage() {
  const [link] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [held, setHeld] = useState<Reply<'approval-links.show'> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [decided, setDecided] = useState<string | null>(null);
  const attempt = useAttempt();
  const show = () => {
    setError(null);
    return call('approval-links.show', { body: { link } }).then(setHeld, setError);
  };
  useEffect(() => {
    if (location.hash !== '') history.replaceState(null, '', location.pathname);
    if (link !== '') void call('approval-links.show', { body: { link } }).then(setHeld, setError);
  }, [link]);

  if (link === '')
    return (
      <SignInFrame title="No link" description="Open the link that you were given as a whole, with everything behind the #.">
        {null}
      </SignInFrame>
    );
  if (error instanceof ApiFault && error.status === 401)
    return (
      <SignInFrame title="Sign in to decide" description="The link counts for one member, who is signed in.">
        <MemberForm tenant={undefined} onDone={show} />
      </SignInFrame>
    );
  if (error !== null)
    return (
      <SignInFrame title="This link is not good" description="It is for another member, was used, or its call was decided.">
        <Trouble error={error} />
      </SignInFrame>
    );
  if (decided !== null)
    return (
      <SignInFrame title={decided} description="You can close this page.">
        {null}
      </SignInFrame>
    );
  if (held === null)
    return (
      <SignInFrame title="One moment">
        <Loading rows={3} />
      </SignInFrame>
    );
  return (
    <SignInFrame
      wide
      title={`${held.method} ${held.path}`}
      description="This is what runs if you approve. Opening the link has decided nothing."
    >
      <HeldCall held={held} />
      <Decision
        busy={attempt.busy}
        error={attempt.error}
        onDecide={(decision, reason) =>
          attempt.run(async () => {
            await call('approval-links.decide', { body: { link, decision, ...(reason === '' ? {} : { reason }) } });
            setDecided(decision === 'approve' ? 'Approved. The call runs now, once.' : 'Rejected. The caller is told why.');
          })
        }
      />
    </SignInFrame>
  );
}
