import type { TestPlatform } from './platform.js';

/** Everything that stands in the tables of the platform, as one text; bytes as what they say. */
export async function databaseText({ factory }: TestPlatform): Promise<string> {
  return factory.run(async (tx) => {
    const tables = await tx.$queryRawUnsafe<{ name: string }[]>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema = 'public' and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await tx.$queryRawUnsafe<{ row: string }[]>(`select row_to_json(t)::text as row from ${name} t`);
      texts.push(...rows.map(({ row }) => row.replace(/\\\\x((?:[0-9a-f]{2})+)/g, (_bytes, hex: string) => hexText(hex))));
    }
    return texts.join('\n');
  });
}

function hexText(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}
