import type { ReactNode } from 'react';
import { classes } from '../../ui/classes.js';

interface FrameProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** What stands around the pages of those who are not signed in. */
export function SignInFrame({ title, description, wide = false, children }: FrameProps) {
  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-10">
      <div className={classes('w-full', wide ? 'max-w-2xl' : 'max-w-sm')}>
        <div className="mb-6 flex items-center gap-2 font-semibold tracking-tight">
          <img src="/console/icon.svg" alt="" className="size-7" />
          GT console
        </div>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {description !== undefined && <p className="mt-1 text-sm text-muted">{description}</p>}
        <div className="mt-6 flex flex-col gap-4">{children}</div>
      </div>
    </main>
  );
}
