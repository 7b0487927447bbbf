import type { TableSize } from '@sotto/wire/operator'
import type { Tx } from './postgres.ts'

/** The size of each table of a schema including its indexes, largest first. */
export async function readTableSizes(tx: Tx, schema: string): Promise<TableSize[]> {
  return tx<TableSize[]>`
    select c.relname as table, coalesce(
      (select sum(pg_total_relation_size(part.relid)) from pg_partition_tree(c.oid) part),
      pg_total_relation_size(c.oid)
    )::bigint as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and not c.relispartition
    order by 2 desc, 1`
}
