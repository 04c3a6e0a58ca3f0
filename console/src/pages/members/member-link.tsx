import type { Reply } from '../../api/call.js';
import { exactTime } from '../../format/times.js';
import { SecretOnce } from '../../ui/secret-once.js';

export type Link = Reply<'members.invite'>;

/** A link by which a member comes in, shown once. */
export function MemberLink({
  link,
  email,
  onClose,
}: {
  readonly link: Link;
  readonly email: string;
  readonly onClose: () => void;
}) {
  const isInvitation = link.kind === 'invitation';
  return (
    <SecretOnce
      title={isInvitation ? 'Invitation link' : 'Recovery link'}
      description={`Send it to ${email} yourself, by a way that only they can read. The platform sends no mail.`}
      secret={link.url}
      copy="Copy the link"
      onClose={onClose}
    >
      <p className="text-sm text-muted">
        Whoever opens it sets a password and is signed in. It is good once, until {exactTime(link.expires_at)}. A new link ends
        this one.
      </p>
    </SecretOnce>
  );
}
