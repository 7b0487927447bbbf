import { randomUUID } from 'node:crypto'
import { DomainError, type Tx } from '@sotto/service-runtime'
import { AccountId, type LoginDevice } from '@sotto/wire'
import type { PhoneNumber } from '../../addresses/phone-number.ts'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as challenges from '../../store/challenges.ts'
import { admitNewAccount, isFindableAtFirst } from '../accounts/invitations.ts'
import { type CodeTry, checkCode } from '../codes/challenge.ts'
import { type LogIn, openSession } from './log-in.ts'

/** Logs in with a code. Creates an account if the number has none. */
export async function logInByPhone(
  context: AuthContext,
  ip: string,
  codeTry: CodeTry,
  device: LoginDevice,
): Promise<LogIn> {
  const phone = await checkCode(context, 'phone', ip, codeTry)
  const logIn = await context.sql.begin(async (tx) => {
    const isFirst = await challenges.consume(tx, codeTry.challengeId)
    if (!isFirst) throw new DomainError('code_expired')
    const account = await accountOf(tx, context, phone, codeTry.invitation)
    return openSession(tx, context, { ...account, device, ip })
  })
  context.outbox.kick()
  return logIn
}

async function accountOf(
  tx: Tx,
  context: AuthContext,
  phone: PhoneNumber,
  invitation: string | undefined,
) {
  const createdAt = new Date(context.now())
  const id = AccountId.parse(randomUUID())
  const created = await accounts.addIfNew(tx, {
    id,
    phone,
    email: null,
    findable: isFindableAtFirst(context),
    createdAt,
  })
  if (created) await admitNewAccount(tx, context, invitation)
  const accountId = created ? id : await accounts.findByPhone(tx, phone)
  if (!accountId) throw new Error('The number has neither a new nor an existing account')
  return { accountId, created }
}
