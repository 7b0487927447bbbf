import { createHash } from 'node:crypto'
import { DomainError } from '@sotto/service-runtime'
import { type AccountId, SignedWrite, type Written } from '@sotto/wire'
import { parseStatement } from './statements.ts'
import { verifyStatement } from './verify-statement.ts'

/**
 * Verifies that the account's owner has signed the written data, and returns the version in the
 * signature. Throws `bad_signature` if another key has signed it, or if it is about something else.
 */
export function verifyWrite(
  statement: string,
  { accountId, written }: { accountId: AccountId; written: Written },
  identityKey: string | undefined,
): number {
  const { account, what, version, sha256 } = parseStatement('write', statement, SignedWrite)
  if (account !== accountId) throw new DomainError('forbidden')
  const hash = createHash('sha256').update(written.text).digest('base64url')
  if (what !== written.what || sha256 !== hash) throw new DomainError('bad_signature')
  verifyStatement(statement, identityKey)
  return version
}
