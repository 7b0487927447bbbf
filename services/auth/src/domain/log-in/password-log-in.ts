import { randomUUID } from 'node:crypto'
import { DomainError, networkOf, wideNetworkOf } from '@sotto/service-runtime'
import { ChallengeId, type LoginDevice } from '@sotto/wire'
import { parseEmailAddress } from '../../addresses/email-address.ts'
import type { AuthContext } from '../../context.ts'
import { authRetention } from '../../retention.ts'
import { knownDeviceId } from '../../secrets/known-device.ts'
import * as accounts from '../../store/accounts.ts'
import * as loginAttempts from '../../store/login-attempts.ts'
import * as passwords from '../../store/passwords.ts'
import type { Caller } from '../codes/challenge.ts'
import { knownNetworkId } from '../codes/known-network.ts'
import { type LogIn, openSession } from './log-in.ts'

/**
 * Answers the first message of a password log-in, indistinguishably for known and unknown
 * addresses.
 */
export async function startPasswordLogIn(
  context: AuthContext,
  { ip, knownDevice }: Caller,
  { email: written, startLoginRequest }: { email: string; startLoginRequest: string },
): Promise<{ loginId: ChallengeId; loginResponse: string }> {
  const { limits, sql, opaque, now } = context
  await limits.consume('passwordByNetwork', networkOf(ip))
  const email = parseEmailAddress(written)
  const device = knownDeviceId(context.codePepper, email, knownDevice)
  const network = device ? undefined : await knownNetworkId(context, email, ip)
  if (device) await limits.consume('passwordByKnownDevice', device)
  else if (network) await limits.consume('passwordByKnownNetwork', network)
  else {
    await limits.consume('passwordByAddressAndNetwork', `${email} ${wideNetworkOf(ip)}`)
    await limits.consume('passwordByAddress', email)
  }

  const password = await passwords.findByEmail(sql, email)
  const { serverState, loginResponse } = opaque.startLogin(email, password, startLoginRequest)
  const loginId = ChallengeId.parse(randomUUID())
  const attempt = {
    accountId: password?.accountId ?? null,
    passwordVersion: password?.version ?? null,
    serverState,
  }
  await loginAttempts.add(
    sql,
    loginId,
    attempt,
    new Date(now() + authRetention.login_attempts * 1000),
  )
  return { loginId, loginResponse }
}

/** Logs in if the last message proves the password; otherwise throws `wrong_credentials`. */
export async function finishPasswordLogIn(
  context: AuthContext,
  ip: string,
  request: { loginId: ChallengeId; finishLoginRequest: string; device: LoginDevice },
): Promise<LogIn> {
  const { limits, sql, opaque, now } = context
  await limits.consume('passwordByNetwork', networkOf(ip))
  const attempt = await loginAttempts.consume(sql, request.loginId, new Date(now()))
  const isProven = attempt && opaque.finishLogin(attempt.serverState, request.finishLoginRequest)
  if (!isProven || attempt.accountId === null || attempt.passwordVersion === null) {
    throw new DomainError('wrong_credentials')
  }
  const { accountId, passwordVersion } = attempt
  const logIn = await sql.begin(async (tx) => {
    await accounts.lock(tx, accountId)
    // If the password was replaced in the meantime, no session opens.
    const isCurrent = await passwords.isCurrent(tx, accountId, passwordVersion)
    if (!isCurrent) throw new DomainError('wrong_credentials')
    return openSession(tx, context, { accountId, device: request.device, created: false, ip })
  })
  context.outbox.kick()
  return logIn
}
