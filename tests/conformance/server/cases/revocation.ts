import { encodeBase64url, signSuccession } from '@sotto/crypto'
import { AccountId, authRequests, CloseCode, ConversationId, chatRequests } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawAccount } from '../../raw/raw-account.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import { RawSocket } from '../../raw/raw-socket.ts'
import { openConversation, type ServerStage } from '../server-stage.ts'

/** Devices that no longer count, and accounts that start over with new keys. */
export const revocation: Subject<ServerStage> = {
  title: 'Revocation and new keys',
  cases: [
    {
      name: 'revoking a device in a record ends its session and refuses what it writes',
      section: '§10.9',
      async run(stage) {
        const first = await stage.signUp()
        const id = await openConversation(first, stage.carol)
        const second = await stage.addDevice(first)
        using socket = await second.connect()
        const { account } = first
        account.revoked.push({ device: second.deviceId, at: Date.now() })
        await first.publishNext()
        expect(await socket.closeCode()).toBe(CloseCode.sessionEnded)
        const body = { refresh_token: second.tokens.refresh_token }
        const refused = await second.refusal(authRequests.refresh, { body })
        expect(refused.code).toBe('refresh_refused')
        await first.call(chatRequests.ownUser, {})

        // Neither dropping the revocation nor another log-in with the same id brings it back.
        const version = account.versions.record + 1
        const record = await account.record({ version, revoked: [] })
        const dropped = await first.refusal(chatRequests.putUser, {
          body: { record, picture: null },
        })
        expect(dropped).toEqual({ code: 'invalid_request', details: { field: 'body/record' } })
        await second.logIn(account.phone)
        const codes = new Set(await everyWrite(second, id))
        expect(codes).toEqual(new Set(['device_not_enrolled', 'device_not_proven']))
        await expect(second.proveLogIn()).rejects.toMatchObject({ code: 'device_not_enrolled' })
        await expectNotConnected(second)
      },
    },
    {
      name: 'keys that the published ones have signed take effect immediately, and the record shows who signed',
      section: '§10.15',
      async run(stage) {
        const first = await stage.signUp()
        await openConversation(first, stage.carol)
        const second = await stage.addDevice(first)
        using socket = await second.connect()
        const { account, deviceId } = first
        const { accountId, phone, name } = account
        const versions = { ...account.versions, record: account.versions.record + 1 }
        const next = await RawAccount.create({ accountId, phone, name }, { versions })
        const record = await next.record()
        const sign = (by: RawAccount, identityKey: string) =>
          signSuccession(by.keys.identity, {
            account: accountId,
            formerKey: by.identityKey,
            identityKey,
            device: deviceId,
            issuedAt: Date.now(),
          })
        const succession = await sign(account, next.identityKey)
        const body = { record, picture: null, successions: [succession] }
        const elsewhere = await sign(next, account.identityKey)
        const wrong = { ...body, successions: [elsewhere] }
        const refused = await first.refusal(chatRequests.putUser, { body: wrong })
        expect(refused.code).toBe('bad_signature')

        await first.call(chatRequests.putUser, { body })

        expect(await socket.closeCode()).toBe(CloseCode.sessionEnded)
        first.account = next
        await first.enroll()
        const params = { accountId }
        const seen = await stage.carol.call(chatRequests.getUser, { params })
        expect(seen).toMatchObject({ record, successions: [succession] })
        const stranger = await stage.signUp()
        const unseen = await stranger.call(chatRequests.getUser, { params })
        expect(unseen).not.toHaveProperty('successions')
      },
    },
    {
      name: 'a revoked device that logs in again reads nothing of a conversation',
      section: '§10.9',
      async run(stage) {
        const first = await stage.signUp()
        const id = await openConversation(stage.carol, first)
        const second = await stage.addDevice(first)
        first.account.revoked.push({ device: second.deviceId, at: Date.now() })
        await first.publishNext()
        await second.logIn(first.account.phone)
        const params = { conversationId: id }
        const refused = await second.refusal(chatRequests.readLog, { params, query: {} })
        expect(refused.code).toBe('device_not_proven')
        await expectNotConnected(second)
      },
    },
    {
      name: 'new keys revoke every other device and end the other sessions',
      section: '§10.7',
      async run(stage) {
        const old = await stage.signUp()
        using socket = await old.connect()
        const { account } = old
        const { accountId, phone, name, versions } = account
        const device = await RawDevice.create(stage.server)
        await device.logIn(phone)
        device.account = await RawAccount.create(
          { accountId, phone, name },
          { versions: { ...versions, record: versions.record + 1 } },
        )
        await device.publish()
        await device.enroll()
        expect(await socket.closeCode()).toBe(CloseCode.sessionEnded)
        const { account: published } = await device.call(chatRequests.ownUser, {})
        expect(published?.devices.map(({ deviceId }) => deviceId)).toContain(device.deviceId)
        expect(published?.pastRecords).toHaveLength(1)

        const { deviceId, key } = device
        const former = await account.credential({ deviceId, publicKey: key.publicKey })
        const body = { credential: former }
        const params = { deviceId }
        const refused = await device.refusal(chatRequests.putDevice, { params, body })
        expect(refused.code).toBe('bad_signature')
        const record = await account.record({ version: versions.record + 2 })
        const back = await device.refusal(chatRequests.putUser, { body: { record, picture: null } })
        expect(back.code).toBe('bad_signature')
      },
    },
  ],
}

/** A device that cannot prove its log-in gets no connection. */
async function expectNotConnected({ server, tokens }: RawDevice) {
  using socket = await RawSocket.open(server.origin)
  socket.send({ type: 'authenticate', token: tokens.access_token })
  expect(await socket.next('error')).toMatchObject({ code: 'device_not_proven' })
  expect(await socket.closeCode()).toBe(CloseCode.notProven)
}

/** The codes with which a device's writes are refused. */
async function everyWrite(device: RawDevice, conversationId: ConversationId) {
  const { account, deviceId, key } = device
  const version = account.versions.record + 1
  const record = await account.record({ version })
  const credential = await account.credential({ deviceId, publicKey: key.publicKey })
  const manifest = await account.manifest({ version: account.versions.manifest + 1 })
  const box = await account.writtenBox('contacts', {
    version: account.versions.contacts + 1,
    ciphertext: encodeBase64url(key.publicKey),
  })
  const conversation = {
    id: ConversationId.parse(crypto.randomUUID()),
    protocol: 'rsa',
    participants: [AccountId.parse(crypto.randomUUID())],
  }
  const refusals = [
    device.refusal(chatRequests.putUser, { body: { record, picture: null } }),
    device.refusal(chatRequests.putDevice, { params: { deviceId }, body: { credential } }),
    device.refusal(chatRequests.putManifest, { body: { manifest } }),
    device.refusal(chatRequests.putBox, { params: { box: 'contacts' }, body: box }),
    device.refusal(chatRequests.createConversation, { body: conversation }),
    device.refusal(chatRequests.answerConversation, {
      params: { conversationId },
      body: { state: 'declined' },
    }),
    device.refusal(chatRequests.unblock, { params: { accountId: account.accountId } }),
  ]
  return (await Promise.all(refusals)).map(({ code }) => code)
}
