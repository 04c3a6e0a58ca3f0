import { useState } from 'react';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Check } from '../../ui/field.js';
import { Confirm } from '../../ui/dialog.js';
import { Trouble } from '../../ui/trouble.js';
import type { Link } from './member-link.js';

interface Props {
  readonly of: Item<'members.list'>;
  readonly onClose: () => void;
  readonly onMade: (link: Link) => void;
}

/** Makes a link for somebody who cannot get in any more. */
export function RecoverMember({ of, onClose, onMade }: Props) {
  const [isReset, reset] = useState(false);
  const { mutate, isPending, error } = useChange('members.recover', { also: ['sessions'] });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Make a recovery link for ${of.email}?`}
      description="Make sure that it is them who ask. With the link they set a new password."
      action="Make the link"
      busy={isPending}
      onConfirm={() => mutate({ id: of.id, body: { second_factor: isReset ? 'reset' : 'keep' } }, { onSuccess: onMade })}
    >
      <div className="flex flex-col gap-3">
        <Check
          label="Take away the second factor too"
          hint="Only for somebody who has lost the phone and the recovery codes."
          checked={isReset}
          onChange={(event) => reset(event.target.checked)}
        />
        {error !== null && <Trouble error={error} />}
      </div>
    </Confirm>
  );
}
