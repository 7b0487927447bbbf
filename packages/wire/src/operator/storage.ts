import { z } from 'zod'

/** How much room a table takes, with its indexes. */
export const TableSize = z.strictObject({
  table: z.string().max(64),
  bytes: z.int().nonnegative(),
})
export type TableSize = z.infer<typeof TableSize>
