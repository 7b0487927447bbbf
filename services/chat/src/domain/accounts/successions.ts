import { DomainError, type Tx } from '@sotto/service-runtime'
import { type Actor, MAX_SUCCESSIONS, Succession } from '@sotto/wire'
import * as devices from '../../store/devices/devices.ts'
import type { PublishedClaims } from '../devices/admit-device.ts'
import { parseStatement, readPayload } from '../statements/statements.ts'
import { isEd25519Key, verifyStatement } from '../statements/verify-statement.ts'

/** A succession whose signature was verified. */
export interface SignedSuccession extends Succession {
  readonly statement: string
}

/**
 * Verifies the successions that a caller presents for a record under `identityKey`, latest first.
 * Throws `bad_signature` unless each leads to the key that the previous one replaces, and the first
 * to the key of the record.
 */
export function parseSuccessions(
  { accountId }: Actor,
  identityKey: string,
  statements: readonly string[],
): SignedSuccession[] {
  let next = identityKey
  const seen = new Set([identityKey])
  return statements.map((statement) => {
    const claims = parseStatement('succession', statement, Succession)
    if (claims.account !== accountId) throw new DomainError('forbidden')
    if (!isEd25519Key(claims.formerKey)) throw new DomainError('invalid_request', FIELD)
    const isNext = claims.identityKey === next && !seen.has(claims.formerKey)
    if (!isNext) throw new DomainError('bad_signature')
    verifyStatement(statement, claims.formerKey)
    next = claims.formerKey
    seen.add(next)
    return { ...claims, statement }
  })
}

const FIELD = { field: 'body/successions' }

/**
 * Whether the published identity key has signed the new one, and a device of the account presents it. Such keys do not
 * wait, because the holder of that key could revoke all other devices anyway.
 */
export async function isRenewal(
  tx: Tx,
  actor: Actor,
  before: Pick<PublishedClaims, 'identityKey'>,
  successions: readonly SignedSuccession[],
): Promise<boolean> {
  const isSigned = successions.some(({ formerKey }) => formerKey === before.identityKey)
  return isSigned && (await devices.isInUse(tx, actor))
}

/**
 * The successions to store for a record: those presented with it, followed by those known before.
 */
export function keptSuccessions(
  shown: readonly SignedSuccession[],
  stored: readonly string[],
  hasNewKeys: boolean,
): string[] {
  if (shown.length === 0) return hasNewKeys ? [] : [...stored]
  const oldest = shown.at(-1)?.formerKey
  const linked = stored.findIndex((one) => readSuccession(one).identityKey === oldest)
  const earlier = linked < 0 ? [] : stored.slice(linked)
  return [...shown.map(({ statement }) => statement), ...earlier].slice(0, MAX_SUCCESSIONS)
}

/** Parses a succession that was verified when it was stored. */
function readSuccession(statement: string): Succession {
  return Succession.parse(readPayload(statement))
}
