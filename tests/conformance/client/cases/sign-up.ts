import { openDeviceName, parseRecoveryCode, verifyCredential, verifyRecord } from '@sotto/crypto'
import { expect } from 'vitest'
import { openRootSecret, openSecrets } from '../../../network/account-secrets.ts'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

const PASSWORD = 'a long password that is never guessed'

/** Accounts, keys, and what survives on the device. */
export const signUp: Subject<ClientStage> = {
  title: 'Signing up',
  cases: [
    {
      name: 'publishes a record and a credential that its identity key signed',
      section: '§3.1, §3.2',
      async run({ client, owner }) {
        const { accountId, name, device } = client
        const { deviceId } = await device.ask('state', {})
        const record = await verifyRecord(await owner.recordOf(accountId))
        expect(record).toMatchObject({ account: accountId, name })
        const credential = await owner.credentialOf(accountId, deviceId ?? '')
        expect(await verifyCredential(credential, record.identityKey)).toMatchObject({
          account: accountId,
          device: deviceId,
        })
      },
    },
    {
      name: 'seals the name of its device under the root secret',
      section: '§4.6',
      async run({ client, network, owner }) {
        const { accountId, device } = client
        const { deviceId } = await device.ask('state', {})
        const { identityKey } = await verifyRecord(await owner.recordOf(accountId))
        const statement = await owner.credentialOf(accountId, deviceId ?? '')
        const credential = await verifyCredential(statement, identityKey)
        const rootSecret = await openRootSecret(network.database.sql, client)
        const name = await openDeviceName(rootSecret, credential, credential.sealedName)
        expect(name).toBe(device.name)
      },
    },
    {
      name: 'its recovery code opens the wrap and the keys box',
      section: '§4.2, §4.3',
      async run({ client, network, owner }) {
        await parseRecoveryCode(client.recoveryCode)
        const secrets = await openSecrets(network.database.sql, client)
        expect(Object.keys(secrets)).toContain('identity key')
        expect(await owner.box(client.accountId, 'contacts')).toBeDefined()
      },
    },
    {
      name: 'is the same device after a restart',
      section: '§10',
      async run({ client: { device } }) {
        const { accountId, deviceId } = await device.ask('state', {})
        await device.whileAway(async () => {})
        expect(await device.ask('state', {})).toMatchObject({ accountId, deviceId })
      },
    },
    {
      name: 'is the same device after it was killed',
      section: '§10',
      async run({ client: { device } }) {
        const { accountId, deviceId } = await device.ask('state', {})
        await device.crash()
        await device.online()
        expect(await device.ask('state', {})).toMatchObject({ accountId, deviceId })
      },
    },
    {
      name: 'a wrong code is refused, and the right one works after it',
      section: '§10.1',
      async run(stage) {
        const device = await stage.newDevice('a device')
        const phone = stage.network.newPhone()
        await device.ask('startPhone', { phone })
        const code = await stage.network.codeFor(phone)
        const wrong = code === '000000' ? '000001' : '000000'
        expect(await device.refusal('verifyPhone', { code: wrong })).toBe('wrong_code')
        await device.ask('verifyPhone', { code })
        await device.state(({ stage }) => stage === 'needs_profile', 'asking for a profile')
      },
    },
    {
      name: 'a mistyped recovery code is refused, and the right one opens the device',
      section: '§4.4, §10.6',
      async run(stage) {
        const { client } = stage
        const device = await stage.newDevice("casey's tablet")
        await stage.logIn(device, client.phone)
        await device.state(({ stage }) => stage === 'locked', 'being locked')
        const recoveryCode = mistyped(client.recoveryCode)
        expect(await device.refusal('unlock', { recoveryCode })).toBe('recovery_code_wrong')
        const spoken = client.recoveryCode.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')
        await device.ask('unlock', { recoveryCode: spoken })
        await device.online()
      },
    },
    {
      name: 'signs up by email, and a password opens the second device',
      section: '§10.2, §10.3',
      needs: ['email'],
      async run(stage) {
        const email = 'casey@example.org'
        const first = await stage.newDevice('laptop')
        await first.ask('startEmail', { email })
        await first.ask('verifyEmail', { code: await stage.network.codeFor(email) })
        await first.ask('setPassword', { password: PASSWORD })
        await first.ask('createProfile', { name: 'casey by email', withRsa: false })
        await first.online()
        const second = await stage.newDevice('phone')
        const wrong = { email, password: `${PASSWORD}!` }
        expect(await second.refusal('logIn', wrong)).toBe('wrong_credentials')
        await second.ask('logIn', { email, password: PASSWORD })
        await second.online()
        const { accountId } = await first.ask('state', {})
        expect(await second.ask('state', {})).toMatchObject({ accountId })
      },
    },
    {
      name: 'a new name reaches contacts in the next version of the record',
      section: '§3.4',
      needs: ['rename'],
      async run(stage) {
        const { peer } = await stage.talk()
        const { accountId, device } = stage.client
        const before = await verifyRecord(await stage.owner.recordOf(accountId))
        await device.ask('rename', { name: 'Casey the Second' })
        await expect.poll(() => peer.device.contact(accountId)?.name).toBe('Casey the Second')
        const after = await verifyRecord(await stage.owner.recordOf(accountId))
        expect(after.version).toBe(before.version + 1)
        expect(after.identityKey).toBe(before.identityKey)
        await device.ask('rename', { name: stage.client.name })
      },
    },
  ],
}

/** The code with its first character replaced by another letter of the alphabet. */
function mistyped(code: string): string {
  return (code.startsWith('7') ? '8' : '7') + code.slice(1)
}
