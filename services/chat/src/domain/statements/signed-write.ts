import { createHash } from 'node:crypto'
import { DomainError } from '@sotto/service-runtime'
import { type AccountId, SignedWrite, type Written } from '@sotto/wire'
import { parseStatement } from './statements.ts'
import { verifyStatement } from './verify-statement.ts'

/**
 * Checks that the owner of the account has signed what is written, and returns the version that it says. Throws
 * `bad_signature` when another key has signed it, or when it is about something else.
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
