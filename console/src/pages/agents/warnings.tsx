/** What the platform says is worth knowing of a name. */
export const Warnings = ({ of: warnings }: { readonly of: readonly string[] }) =>
  warnings.map((warning) => (
    <p key={warning} role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      {warning}
    </p>
  ));
