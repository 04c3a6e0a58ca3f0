import { SecretOnce } from '../../ui/secret-once.js';

/** The signing secret, shown once. */
export const WebhookSecret = ({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) => (
  <SecretOnce
    title="The signing secret"
    description="Your server checks with it that a call comes from here. Put it there now."
    secret={secret}
    copy="Copy the secret"
    onClose={onClose}
  />
);
