import { z } from 'zod'

/** The size of a table, including its indexes. */
export const TableSize = z.strictObject({
  table: z.string().max(64),
  bytes: z.int().nonnegative(),
})
export type TableSize = z.infer<typeof TableSize>
