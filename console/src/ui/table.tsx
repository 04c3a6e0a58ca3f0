import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, type MouseEvent, type ReactNode } from 'react';
import { Button } from './button.js';
import { classes } from './classes.js';
import { Loading } from './loading.js';
import { Trouble } from './trouble.js';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  /** Left out on narrow screens. */
  readonly wide?: boolean;
  readonly className?: string;
}

interface TableProps<Row> {
  /** What the table is of, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined: they are on their way. */
  readonly rows: readonly Row[] | undefined;
  readonly rowId: (row: Row) => string;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  /** Stands in place of a table without rows. */
  readonly empty?: ReactNode;
  /** What a click beside buttons and links does; the first column needs a link for the keyboard. */
  readonly onOpen?: (row: Row) => void;
  /** Marks a row as the one that is open. */
  readonly current?: string | undefined;
}

const features = tableFeatures({});
const none: readonly never[] = [];

/** Rows as they come from the platform, in its order. */
export function DataTable<Row extends object>({
  label,
  columns,
  rows,
  rowId,
  error,
  onRetry,
  empty,
  onOpen,
  current,
}: TableProps<Row>) {
  const defs = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return columns.map(({ id, header, cell }) => helper.display({ id, header, cell: ({ row }) => cell(row.original) }));
  }, [columns]);
  const styles = useMemo(() => new Map(columns.map((column) => [column.id, cellClasses(column)])), [columns]);
  const table = useTable({ features, columns: defs, data: (rows ?? none) as Row[], getRowId: rowId });
  if (error != null && rows === undefined)
    return (
      <div className="p-4">
        <Trouble error={error} {...(onRetry === undefined ? {} : { onRetry })} />
      </div>
    );
  if (rows === undefined) return <Loading rows={6} />;
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-sm">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b border-line text-left text-xs text-muted">
              {group.headers.map((header) =>
                header.column.columnDef.header === '' ? (
                  <td key={header.id} className={styles.get(header.column.id)} />
                ) : (
                  <th key={header.id} scope="col" className={classes('h-9 font-medium', styles.get(header.column.id))}>
                    <table.FlexRender header={header} />
                  </th>
                ),
              )}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              aria-current={row.id === current ? 'true' : undefined}
              onClick={onOpen === undefined ? undefined : (event) => opens(event) && onOpen(row.original)}
              className={classes(
                'border-b border-line last:border-0 hover:bg-sunken/60',
                onOpen !== undefined && 'cursor-pointer',
                row.id === current && 'bg-accent-soft',
              )}
            >
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className={classes('h-11', styles.get(cell.column.id))}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A click on the row itself: not on what stands in it for a purpose of its own, nor in a menu or dialog that was opened from it. */
const opens = ({ target, currentTarget }: MouseEvent): boolean =>
  target instanceof Element &&
  currentTarget.contains(target) &&
  target.closest('a,button,input,label,select') === null &&
  (getSelection()?.toString() ?? '') === '';

/** What can be done with a row stays within reach when the table is wider than the screen. */
const cellClasses = ({ header, right = false, wide = false, className }: Column<never>): string =>
  classes(
    'px-4 py-1.5',
    right && 'text-right',
    wide && 'hidden md:table-cell',
    header === '' && 'sticky right-0 bg-surface md:static md:bg-transparent',
    className,
  );

interface PagerProps {
  readonly page: { readonly first_id: string | null; readonly last_id: string | null; readonly has_more: boolean } | undefined;
  /** Where the page begins: behind this id, or before that one. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly onMove: (to: { readonly after?: string | undefined; readonly before?: string | undefined }) => void;
}

/** Leads through the pages of a list of the platform, whose cursors are ids. */
export function Pager({ page, after, before, onMove }: PagerProps) {
  const isBack = before !== undefined;
  const hasNewer = isBack ? page?.has_more === true : after !== undefined;
  const hasOlder = isBack || page?.has_more === true;
  if (!hasNewer && !hasOlder) return null;
  return (
    <nav aria-label="Pages" className="flex justify-end gap-2 border-t border-line px-4 py-2">
      <Button icon={ChevronLeft} disabled={!hasNewer} onClick={() => onMove({ before: page?.first_id ?? undefined })}>
        Back
      </Button>
      <Button disabled={!hasOlder} onClick={() => onMove({ after: page?.last_id ?? undefined })}>
        Next <ChevronRight className="size-4" aria-hidden />
      </Button>
    </nav>
  );
}
