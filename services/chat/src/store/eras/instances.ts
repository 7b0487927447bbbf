import type { Tx } from '@sotto/service-runtime'
import type postgres from 'postgres'
import { serverName } from './eras.ts'

/** A registered instance of the chat service. */
export interface Instance {
  readonly id: string
  /** Where it last verified that nothing it acknowledged is missing. */
  readonly home: string
}

export async function listOthers(tx: Tx, id: string): Promise<readonly Instance[]> {
  return tx<Instance[]>`select id, home from chat.instances where id <> ${id}`
}

/** Records that nothing that the instance acknowledged is missing. */
export async function register(tx: Tx, { id, home }: Instance) {
  await tx`
    insert into chat.instances (id, home) values (${id}, ${home})
    on conflict (id) do update set home = excluded.home, seen_at = now()`
}

/** Records that an instance is running. Returns false if it is no longer registered. */
export async function touch(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx`update chat.instances set seen_at = now() where id = ${id} returning id`
  return rows.length === 1
}

/**
 * Removes instances that ended without deregistering: those that compared where this one did and
 * were not seen for a minute. Those that compared elsewhere stay, because they may be about to
 * follow.
 */
export async function removeSilent(tx: Tx, id: string) {
  await removeWhere(
    tx,
    tx`home = (select home from chat.instances where id = ${id})
      and seen_at < now() - interval '1 minute'`,
  )
}

/**
 * Removes the instances that last compared elsewhere: what they acknowledged belongs to a past era.
 */
export async function removeElsewhere(tx: Tx, home: string) {
  await removeWhere(tx, tx`home <> ${home}`)
}

/**
 * Removes an instance that stops, if the database is still on the server on which it last compared.
 */
export async function remove(tx: Tx, id: string, server: string) {
  await removeWhere(tx, tx`id = ${id} and ${server} = ${serverName(tx)}`)
}

/** Removes instances and their marks. */
async function removeWhere(tx: Tx, isGone: postgres.PendingQuery<postgres.Row[]>) {
  await tx`
    with gone as (delete from chat.instances where ${isGone} returning id)
    delete from chat.acceptance_marks where instance_id in (select id from gone)`
}
