import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.js';
import { Code } from './copy.js';
import { Dialog } from './dialog.js';

interface SecretOnceProps {
  readonly title: string;
  /** What to do with it. */
  readonly description: ReactNode;
  readonly secret: string;
  /** The name of its copy button. */
  readonly copy: string;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Shows something that is never shown again. Only its button closes it. */
export function SecretOnce({ title, description, secret, copy, onClose, children }: SecretOnceProps) {
  return (
    <Dialog
      open
      guarded
      onOpenChange={onClose}
      title={title}
      description={description}
      actions={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <Code text={secret} label={copy} />
        <p className="flex items-center gap-2 text-sm text-warn">
          <TriangleAlert className="size-4 shrink-0" aria-hidden /> It is not shown again.
        </p>
        {children}
      </div>
    </Dialog>
  );
}
