import { randomUUID } from 'node:crypto'
import type { AccountId, ConversationId, DeviceId, SessionId, TokenAnswer } from '@sotto/wire'
import {
  createDevice,
  createKeys,
  signLogIn,
  signRecord,
} from '../../tests/services/signed-statements.ts'
import { forEachAtOnce } from './at-once.ts'
import { call } from './http.ts'
import type { Topology } from './topology.ts'

const AT_ONCE = 16

/** The part of a topology that a log-in needs. */
type Server = Pick<Topology, 'origin' | 'codeFor'>

/** An account that has logged in on one device. */
export interface Account {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly sessionId: SessionId
  token: string
  refreshToken: string
}

let phones = 0

/** Logs in with an unused phone number as a person does: requests a code and enters it. */
export async function logIn(topology: Server): Promise<Account> {
  const { origin } = topology
  phones += 1
  const phone = `+4915123${String(phones).padStart(6, '0')}`
  const deviceId = randomUUID() as DeviceId
  const started = await call<{ challengeId: string }>(origin, {
    method: 'POST',
    path: '/auth/phone/start',
    body: { phone },
  })
  const answer = await call<TokenAnswer>(origin, {
    method: 'POST',
    path: '/auth/phone/verify',
    body: {
      challengeId: started.challengeId,
      code: await topology.codeFor(phone),
      device: { deviceId, refreshIn: 'body' },
    },
  })
  return {
    accountId: answer.account_id,
    deviceId,
    sessionId: answer.session_id,
    token: answer.access_token,
    refreshToken: answer.refresh_token ?? '',
  }
}

/** Accounts that have signed up and can receive messages, in no particular order. */
export async function signUpMany(topology: Server, count: number): Promise<Account[]> {
  const accounts: Account[] = []
  await forEachAtOnce(AT_ONCE, Array.from({ length: count }), async () => {
    const account = await logIn(topology)
    await publish(topology, account)
    accounts.push(account)
  })
  return accounts
}

/** Replaces the access token and the refresh token. */
export async function refresh({ origin }: Server, account: Account): Promise<void> {
  const answer = await call<TokenAnswer>(origin, {
    method: 'POST',
    path: '/auth/refresh',
    body: { refresh_token: account.refreshToken },
  })
  account.token = answer.access_token
  account.refreshToken = answer.refresh_token ?? ''
}

/**
 * Publishes a signed record, enrolls the device and proves its log-in. After that, it can receive
 * and send messages.
 */
export async function publish({ origin }: Server, account: Account): Promise<void> {
  const { accountId, deviceId, sessionId, token } = account
  const keys = createKeys(accountId)
  const record = signRecord(keys, `Load ${accountId.slice(0, 8)}`)
  const proven = signLogIn(keys, createDevice(), { deviceId, sessionId })
  const { credential } = proven
  await call(origin, { method: 'PUT', path: '/users', token, body: { record, picture: null } })
  await call(origin, {
    method: 'PUT',
    path: `/devices/${deviceId}`,
    token,
    body: { credential },
  })
  await call(origin, { method: 'POST', path: `/devices/${deviceId}/proof`, body: proven })
}

/** A conversation of two accounts that both have accepted. */
export async function startConversation(
  { origin }: Server,
  one: Account,
  other: Account,
): Promise<ConversationId> {
  const id = randomUUID() as ConversationId
  await call(origin, {
    method: 'POST',
    path: '/conversations',
    token: one.token,
    body: { id, protocol: 'ecdh', participants: [other.accountId] },
  })
  await call(origin, {
    method: 'PUT',
    path: `/conversations/${id}/state`,
    token: other.token,
    body: { state: 'accepted' },
  })
  return id
}
