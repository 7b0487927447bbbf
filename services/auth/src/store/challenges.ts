import type { Tx } from '@sotto/service-runtime'
import { type ChallengeId, ONE_TIME_CODE_TRIES } from '@sotto/wire'
import type { AddressOn, Channel, Destination } from '../addresses/destination.ts'

export interface NewChallenge {
  id: ChallengeId
  destination: Destination
  /** Whether the code is sent even if the address has no account. */
  maySignUp: boolean
  expiresAt: Date
}

/** Adds a challenge whose code is generated later. */
export async function add(tx: Tx, { id, destination, maySignUp, expiresAt }: NewChallenge) {
  const { channel, address } = destination
  await tx`
    insert into auth.challenges (id, channel, address, may_sign_up, expires_at)
    values (${id}, ${channel}, ${address}, ${maySignUp}, ${expiresAt})`
}

/**
 * Sets the code of a challenge and returns its destination. Undefined if a code was already sent,
 * if the challenge expired or was answered, and if the address has no account and may not get one.
 */
export async function giveCode(tx: Tx, id: ChallengeId, codeHash: Buffer, now: Date) {
  const [row] = await tx<(Destination & { expiresAt: Date })[]>`
    update auth.challenges set code_hash = ${codeHash}
    where id = ${id} and sent_at is null and expires_at > ${now}
      and (may_sign_up or exists (
        select 1 from auth.accounts
        where case channel when 'phone' then phone = address else email = address end))
    returning channel, address, expires_at as "expiresAt"`
  return row
}

/** Records that the code was sent. */
export async function markSent(tx: Tx, id: ChallengeId, now: Date) {
  await tx`update auth.challenges set sent_at = ${now} where id = ${id}`
}

/**
 * Uses up one attempt of a challenge. Undefined if none is left, if it expired, and if it does not
 * exist. A single statement, so that parallel guesses cannot share an attempt.
 */
export async function consumeTry<C extends Channel>(
  tx: Tx,
  channel: C,
  id: ChallengeId,
  now: Date,
) {
  type Taken = {
    address: AddressOn<C>
    codeHash: Uint8Array | null
    triesLeft: number
  }
  const [row] = await tx<Taken[]>`
    update auth.challenges set tries = tries + 1
    where id = ${id} and channel = ${channel}
      and tries < ${ONE_TIME_CODE_TRIES} and expires_at > ${now}
    returning address, code_hash as "codeHash",
      ${ONE_TIME_CODE_TRIES} - tries as "triesLeft"`
  return row
}

/** Removes an answered challenge; false if a concurrent request was faster. */
export async function consume(tx: Tx, id: ChallengeId): Promise<boolean> {
  const rows = await tx`delete from auth.challenges where id = ${id} returning id`
  return rows.length > 0
}

export async function removeExpired(tx: Tx, now: Date) {
  await tx`delete from auth.challenges where expires_at <= ${now}`
}
