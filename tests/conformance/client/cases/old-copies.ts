import { hashWrap, parseRecoveryCode, unwrapRootSecret, wrapRootSecret } from '@sotto/crypto'
import { expect } from 'vitest'
import { forgeAccount } from '../../../evil-server/forged-account.ts'
import type { Exchange } from '../../../network/tampering-proxy.ts'
import type { Subject } from '../../conformance-case.ts'
import type { AccountUnderTest, ClientStage } from '../client-stage.ts'
import type { DeviceUnderTest } from '../device-under-test.ts'

/** A server that shows a new device old or foreign copies of the account's data. */
export const oldCopies: Subject<ClientStage> = {
  title: 'Old copies on a new device',
  cases: [
    {
      name: 'without a manifest no device continues',
      section: '§10.6',
      async run(stage) {
        const device = await lockedDevice(stage, stage.client)
        replaceAnswer(stage, 'GET', '/manifest', () => ({ manifest: null }))
        await expectUntrusted(stage.client, device)
        await expectToUnlock(stage, device)
      },
    },
    {
      name: 'a manifest that another key signed is refused',
      section: '§10.6',
      async run(stage) {
        const { manifest } = await forgeAccount(await stage.owner.recordOf(stage.client.accountId))
        const device = await lockedDevice(stage, stage.client)
        replaceAnswer(stage, 'GET', '/manifest', () => ({ manifest }))
        await expectUntrusted(stage.client, device)
        await expectToUnlock(stage, device)
      },
    },
    {
      name: 'a box that is older than the manifest says is refused, and nothing is sent',
      section: '§10.6',
      async run(stage) {
        const { client, owner } = stage
        const older = await owner.box(client.accountId, 'contacts')
        const { peer } = await stage.talk()
        await expect.poll(() => namedVersion(stage, client)).toBeGreaterThan(older.version)
        const device = await lockedDevice(stage, client)
        replaceAnswer(stage, 'GET', '/boxes/contacts', () => ({ box: older }))
        await device.ask('unlock', { recoveryCode: client.recoveryCode }).catch(() => {})
        await device.state(({ untrusted, stage, online }) => {
          return (untrusted || stage === 'locked') && !online
        }, 'noticing the box')
        stage.calm()
        await device.close()
        await device.open()
        await unlockIfLocked(device, client)
        await device.contact(peer.accountId, ({ trust }) => trust === 'unverified')
        await device.end()
      },
    },
    {
      name: 'a wrap with another hash is refused, although it opens',
      section: '§10.6',
      async run(stage) {
        const { client, owner } = stage
        const [wrap] = (await owner.wraps(client.accountId)).filter(
          ({ kind }) => kind === 'recovery_code',
        )
        const rewrapped = await wrapAgain(client, wrap?.ciphertext ?? '')
        expect(await hashWrap(rewrapped)).toMatch(/^[\w-]{43}$/)
        const device = await lockedDevice(stage, client)
        replaceAnswer(stage, 'GET', '/auth/wraps', () => ({ version: 1, wraps: [rewrapped] }))
        await expectUntrusted(client, device)
        await expectToUnlock(stage, device)
      },
    },
    {
      name: 'a damaged wrap is not blamed on the code',
      section: '§4.3',
      async run(stage) {
        const { recoveryCode } = stage.client
        const device = await lockedDevice(stage, stage.client)
        const wraps = [{ kind: 'recovery_code', ciphertext: 'A'.repeat(79) }]
        replaceAnswer(stage, 'GET', '/auth/wraps', () => ({ version: 1, wraps }))
        const code = await device.refusal('unlock', { recoveryCode })
        expect(['wrap_damaged', 'untrusted_answer']).toContain(code)
        await expectToUnlock(stage, device)
      },
    },
    {
      name: 'a record that is older than the manifest says is refused',
      section: '§10.6',
      needs: ['rename'],
      async run(stage) {
        const account = await stage.signUp('renamed')
        const record = await stage.owner.recordOf(account.accountId)
        await account.device.ask('rename', { name: 'Renamed' })
        await expect.poll(() => namedVersion(stage, account, 'record')).toBeGreaterThan(1)
        const device = await lockedDevice(stage, account)
        replaceAnswer(stage, 'GET', '/users/me', (answer) => {
          const { account: shown } = answer as { account: object }
          return { account: { ...shown, record } }
        })
        await expectUntrusted(account, device)
        stage.calm()
        await unlockIfLocked(device, account)
        await device.end()
      },
    },
  ],
}

async function lockedDevice(
  stage: ClientStage,
  { name, phone }: AccountUnderTest,
): Promise<DeviceUnderTest> {
  const device = await stage.newDevice(`${name}'s next device`)
  await stage.logIn(device, phone)
  await device.state(({ stage }) => stage === 'locked', 'being locked')
  return device
}

/** Makes the server answer one request with something else. */
function replaceAnswer(
  stage: ClientStage,
  method: string,
  path: string,
  replace: (answer: unknown) => unknown,
): void {
  stage.proxy.tampering = {
    response(exchange: Exchange) {
      if (exchange.method !== method || exchange.path !== path) return
      exchange.responseBody = JSON.stringify(replace(JSON.parse(exchange.responseBody)))
    },
  }
}

/** The device refuses to continue, and stays locked. */
async function expectUntrusted({ recoveryCode }: AccountUnderTest, device: DeviceUnderTest) {
  expect(await device.refusal('unlock', { recoveryCode })).toBe('untrusted_answer')
  expect(await device.ask('state', {})).toMatchObject({ stage: 'locked' })
}

/** With the right answers the same device continues. */
async function expectToUnlock(stage: ClientStage, device: DeviceUnderTest): Promise<void> {
  stage.calm()
  await unlockIfLocked(device, stage.client)
  await device.end()
}

async function unlockIfLocked(device: DeviceUnderTest, { recoveryCode }: AccountUnderTest) {
  const { stage } = await device.state(
    ({ stage }) => stage === 'locked' || stage === 'ready',
    'being locked or ready',
  )
  if (stage === 'locked') await device.ask('unlock', { recoveryCode })
  await device.online()
}

/** The versions that the server's manifest names. */
async function namedVersion(
  { owner }: ClientStage,
  { accountId }: AccountUnderTest,
  what: 'record' | 'contacts' = 'contacts',
): Promise<number> {
  const [, payload = ''] = (await owner.manifestOf(accountId)).split('.')
  const { record, boxes } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  return what === 'record' ? record : boxes.contacts
}

/** The same root secret under the same code, with another IV. */
async function wrapAgain({ accountId, recoveryCode }: AccountUnderTest, ciphertext: string) {
  const code = await parseRecoveryCode(recoveryCode)
  const opener = { kind: 'recovery_code', code } as const
  const wrap = { kind: 'recovery_code', ciphertext } as const
  return wrapRootSecret(await unwrapRootSecret(wrap, opener, accountId), opener, accountId)
}
