import type { Tx } from '@sotto/service-runtime'
import { serverName } from './eras.ts'

/**
 * The number of a transaction, in a slot that no other transaction of the instance uses at the same
 * time.
 */
export interface Mark {
  readonly slot: number
  readonly number: number
}

/** Writes a mark and returns the name of the server. */
export async function leave(tx: Tx, instanceId: string, { slot, number }: Mark): Promise<string> {
  const [row] = await tx<{ server: string }[]>`
    insert into chat.acceptance_marks (instance_id, slot, number)
    values (${instanceId}, ${slot}, ${number})
    on conflict (instance_id, slot) do update set number = excluded.number
    returning ${serverName(tx)} as server`
  return row?.server ?? ''
}

/** How many of these marks are present, or were overwritten by later ones. */
export async function countPresent(tx: Tx, instanceId: string, marks: readonly Mark[]) {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int
    from unnest(
      ${marks.map(({ slot }) => slot)}::int[],
      ${marks.map(({ number }) => number)}::bigint[]
    ) as left_marks (slot, number)
    join chat.acceptance_marks m
      on m.instance_id = ${instanceId} and m.slot = left_marks.slot
      and m.number >= left_marks.number`
  return row?.count ?? 0
}
