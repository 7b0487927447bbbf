import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  type AccountId,
  AccountRecord,
  type Actor,
  type ConversationId,
  Credential,
  chatRequests,
  DeviceProof,
  logInOfChallenge,
  MAX_PAST_RECORDS,
  MAX_RECORD_STEP,
  MAX_VERSION_STEP,
  Manifest,
  Protocol,
  SignedWrite,
  type Wrap,
  type Written,
  writtenBox,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import type { HonestServer } from './honest-server.ts'
import { Refusal, type Route, route } from './routes.ts'
import {
  type AccountState,
  type ConversationState,
  conversationFor,
  isBetween,
  publishedOf,
} from './server-state.ts'

/** The chat service's answers to requests that aren't about one conversation. */
export function accountRoutes(server: HonestServer): Route[] {
  const own = ({ accountId }: Pick<Actor, 'accountId'>) => server.account(accountId)
  const writing = (actor: Pick<Actor, 'accountId' | 'deviceId'>) => {
    const account = own(actor)
    if (account.revoked.has(actor.deviceId)) throw new Refusal('device_not_enrolled')
    return account
  }
  return [
    route(chatRequests.putUser, ({ body }, actor) => {
      const account = writing(actor)
      const record = AccountRecord.parse(payloadOf(body.record))
      if (record.account !== actor.accountId) throw new Refusal('forbidden')
      expectSigned(body.record, record.identityKey)
      const before = account.published
      if (before?.record === body.record) return {}
      expectNext(before?.version ?? 0, record.version, body.after, MAX_RECORD_STEP)
      const former = recordOf(account)
      const isNewKey = before && former?.identityKey !== record.identityKey
      if (before && keysIn(former) !== keysIn(record)) {
        account.pastRecords = [before.record, ...account.pastRecords].slice(0, MAX_PAST_RECORDS)
      }
      const { record: statement, picture, successions = [] } = body
      const kept = isNewKey ? [] : (before?.successions ?? [])
      account.published = {
        record: statement,
        version: record.version,
        picture,
        successions: successions.length > 0 ? successions : kept,
      }
      server.revoke(
        account,
        record.revoked.map(({ device }) => device),
      )
      if (isNewKey) {
        const others = account.devices.filter(({ deviceId }) => deviceId !== actor.deviceId)
        server.revoke(
          account,
          others.map(({ deviceId }) => deviceId),
        )
      }
      for (const state of server.conversationsOf(actor.accountId)) server.touch(state)
      server.accountChanged(actor.accountId)
      return {}
    }),
    route(chatRequests.ownUser, (_, actor) => ({ account: publishedOf(own(actor)) ?? null })),
    // New keys take effect immediately here.
    route(chatRequests.listNewKeys, () => ({ waiting: [] })),
    route(chatRequests.getUser, ({ params }) => server.published(params.accountId)),
    route(chatRequests.putDevice, ({ params, body }, actor) => {
      const credential = Credential.parse(payloadOf(body.credential))
      const { deviceId } = actor
      const isOwn = credential.account === actor.accountId && credential.device === deviceId
      if (!isOwn || params.deviceId !== deviceId) throw new Refusal('forbidden')
      const account = writing(actor)
      expectSigned(body.credential, recordOf(account)?.identityKey)
      const current = account.devices.find((known) => known.deviceId === deviceId)
      if (current?.credential === body.credential) return {}
      const before = current && Credential.parse(payloadOf(current.credential))
      if (before && before.deviceKey !== credential.deviceKey) throw new Refusal('device_id_taken')
      const enrolled = { deviceId, credential: body.credential }
      account.devices = [...account.devices.filter((known) => known !== current), enrolled]
      server.accountChanged(actor.accountId)
      return {}
    }),
    route(chatRequests.proveDevice, ({ body }) => {
      const { account: accountId, device, deviceKey } = Credential.parse(payloadOf(body.credential))
      const { challenge } = DeviceProof.parse(payloadOf(body.proof))
      expectSigned(body.proof, deviceKey)
      const account = writing({ accountId, deviceId: device })
      expectSigned(body.credential, recordOf(account)?.identityKey)
      const current = account.devices.find(({ deviceId }) => deviceId === device)
      const known = current && Credential.parse(payloadOf(current.credential))
      if (known && known.deviceKey !== deviceKey) throw new Refusal('device_id_taken')
      const proven = server
        .sessionsOf(accountId)
        .find(({ sessionId }) => sessionId === logInOfChallenge(challenge))
      if (proven?.deviceId !== device) throw new Refusal('refresh_refused')
      for (const { sessionId, deviceId } of server.sessionsOf(accountId)) {
        const isOther = deviceId === device && sessionId !== proven.sessionId
        if (isOther) server.endSession(sessionId)
      }
      proven.isProven = true
      return {}
    }),
    route(chatRequests.getManifest, (_, actor) => ({
      manifest: own(actor).manifest?.statement ?? null,
    })),
    route(chatRequests.putManifest, ({ body }, actor) => {
      const account = writing(actor)
      const { version } = Manifest.parse(payloadOf(body.manifest))
      expectSigned(body.manifest, recordOf(account)?.identityKey)
      if (account.manifest?.statement === body.manifest) return {}
      expectNext(account.manifest?.version ?? 0, version, body.after, MAX_VERSION_STEP)
      account.manifest = { statement: body.manifest, version }
      return {}
    }),
    route(chatRequests.getBox, ({ params }, actor) => ({
      box: own(actor).boxes[params.box] ?? null,
    })),
    route(chatRequests.putBox, ({ params, body }, actor) => {
      const account = writing(actor)
      const { boxes } = account
      const { box } = params
      const { write, after, ...sealed } = body
      expectWritten(account, write, writtenBox(box, sealed), sealed.version)
      const current = boxes[box]
      if (current?.version === body.version && current.ciphertext === body.ciphertext) return {}
      expectNext(current?.version ?? 0, body.version, after, MAX_VERSION_STEP)
      boxes[box] = sealed
      server.push([actor.accountId], { type: 'box_changed', box, version: body.version })
      return {}
    }),
    route(chatRequests.replaceWraps, ({ body: { wraps, write } }, actor) => {
      const account = writing(actor)
      expectWritten(account, write, writtenWraps(wraps), account.wrapsVersion + 1)
      account.wraps = wraps
      account.wrapsVersion += 1
      return {}
    }),
    route(chatRequests.putWrap, ({ params, body: { ciphertext, write } }, actor) => {
      const account = writing(actor)
      const wrap: Wrap = { kind: params.kind, ciphertext }
      expectWritten(account, write, writtenWrap(wrap), account.wrapsVersion + 1)
      account.wraps = [...account.wraps.filter(({ kind }) => kind !== params.kind), wrap]
      account.wrapsVersion += 1
      return {}
    }),
    route(chatRequests.listBlocked, (_, actor) => ({ accounts: [...own(actor).blocks] })),
    route(chatRequests.unblock, ({ params }, actor) => {
      own(actor).blocks.delete(params.accountId)
      return {}
    }),
  ]
}

/** The chat service's answers about conversations. */
export function conversationRoutes(server: HonestServer): Route[] {
  const of = (actor: Actor, id: ConversationId) => server.conversation(actor.accountId, id)
  const opened = (viewer: AccountId, state: ConversationState) => ({
    conversation: conversationFor(viewer, state, server.state.accounts),
    accounts: state.participants.map(({ accountId }) => server.published(accountId)),
  })
  return [
    route(chatRequests.createConversation, ({ body }, { accountId }) => {
      const { id, protocol, participants } = body
      const [other] = participants
      if (!other) throw new Refusal('participants_not_supported')
      const known = server.state.conversations.get(id)
      if (known) {
        const isSame = known.createdBy === accountId && known.protocol === protocol
        if (!isSame || !isBetween(known, accountId, other)) throw new Refusal('conversation_exists')
        return opened(accountId, known)
      }
      const { success: isSupported, data: supported } = Protocol.safeParse(protocol)
      if (!isSupported) throw new Refusal('protocol_not_supported')
      const same = server.conversationsOf(accountId).find((one) => {
        return one.protocol === supported && isBetween(one, accountId, other)
      })
      if (same) throw new Refusal('conversation_exists', { conversationId: same.id })
      const state = server.addConversation(id, supported, [accountId, other])
      server.push([other], { type: 'conversation_created', ...opened(other, state) })
      server.push([accountId], { type: 'conversation_changed', conversationId: id })
      return opened(accountId, state)
    }),
    route(chatRequests.getConversation, ({ params }, actor) =>
      opened(actor.accountId, of(actor, params.conversationId)),
    ),
    route(chatRequests.answerConversation, ({ params, body }, actor) => {
      const state = of(actor, params.conversationId)
      server.setState(state, actor.accountId, body.state)
      return {}
    }),
    route(chatRequests.readLog, ({ params, query }, actor) => {
      const { log } = of(actor, params.conversationId)
      const { limit } = query
      if ('after' in query) {
        return { envelopes: log.filter(({ seq }) => seq > query.after).slice(0, limit) }
      }
      const before = query.before ?? Number.POSITIVE_INFINITY
      return { envelopes: log.filter(({ seq }) => seq < before).slice(-limit) }
    }),
    route(chatRequests.readEra, () => ({ era: server.state.era })),
    route(chatRequests.listChanges, ({ query }, { accountId }) => {
      const { era, clock } = server.state
      const [cursorEra, seen = '0'] = query.since?.split('.') ?? []
      const since = cursorEra === era && Number(seen) <= clock ? Number(seen) : 0
      const conversations = server
        .conversationsOf(accountId)
        .filter(({ changedAt }) => changedAt > since)
        .sort((one, other) => other.activeAt - one.activeAt)
        .map((state) => conversationFor(accountId, state, server.state.accounts))
      return { era, conversations, cursor: `${era}.${clock}`, more: false }
    }),
  ]
}

function recordOf({ published }: AccountState): AccountRecord | undefined {
  return published ? AccountRecord.parse(payloadOf(published.record)) : undefined
}

function keysIn(record: AccountRecord | undefined): string {
  return `${record?.identityKey} ${record?.ecdhKey} ${record?.rsaKey}`
}

function expectNext(
  currentVersion: number,
  version: number,
  after: number | undefined,
  maxStep: number,
): void {
  const step = after === undefined ? 1 : maxStep
  const isNext = version > currentVersion && version <= currentVersion + step
  if (!isNext || (after ?? currentVersion) !== currentVersion)
    throw new Refusal('stale_version', { currentVersion })
}

function expectWritten(account: AccountState, write: string, written: Written, version: number) {
  const signed = SignedWrite.parse(payloadOf(write))
  expectSigned(write, recordOf(account)?.identityKey)
  const sha256 = createHash('sha256').update(written.text).digest('base64url')
  const isIt = signed.account === account.accountId && signed.what === written.what
  if (!isIt || signed.sha256 !== sha256) throw new Refusal('bad_signature')
  if (signed.version !== version) {
    throw new Refusal('stale_version', { currentVersion: version - 1 })
  }
}

function expectSigned(statement: string, identityKey = ''): void {
  const [header, payload, signature = ''] = statement.split('.')
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: identityKey },
    format: 'jwk',
  })
  const signed = Buffer.from(`${header}.${payload}`)
  const isSigned = verify(null, signed, key, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw new Refusal('bad_signature')
}

/** The payload of a statement. */
function payloadOf(statement: string): unknown {
  return JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString('utf8'))
}
