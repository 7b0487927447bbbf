import { generateDeviceKey, signDeviceProof } from '@sotto/crypto'
import { type AccountId, chatRequests, type DeviceId, type DeviceProof } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawAccount } from '../../raw/raw-account.ts'
import type { RawDevice } from '../../raw/raw-device.ts'
import type { ServerStage } from '../server-stage.ts'

/** Proofs by devices whose session the server has lost. A test can't cause that loss from outside. */
export const lostSessions: Subject<ServerStage> = {
  title: 'Lost sessions',
  cases: [
    {
      name: 'a challenge that the server has not issued is refused',
      section: '§10.11',
      async run({ alice }) {
        expect(await refusalOf(alice, await bodyOf(alice))).toBe('refresh_refused')
      },
    },
    {
      name: 'a proof is signed by the device, and its key by the published identity key',
      section: '§10.11',
      async run({ alice }) {
        const { accountId, phone, name } = alice.account
        const other = await RawAccount.create({ accountId, phone, name })
        const stranger = await generateDeviceKey()
        const { deviceId, key } = alice
        const { proof, credential } = await bodyOf(alice)
        for (const body of [
          { proof, credential: await other.credential({ deviceId, publicKey: key.publicKey }) },
          { credential, proof: await signDeviceProof(stranger, proofOf(alice)) },
        ]) {
          expect(await refusalOf(alice, body)).toBe('bad_signature')
        }
      },
    },
    {
      name: 'a device id with another key proves nothing',
      section: '§10.11',
      async run({ alice }) {
        const { deviceId } = alice
        const key = await generateDeviceKey()
        const body = {
          credential: await alice.account.credential({ deviceId, publicKey: key.publicKey }),
          proof: await signDeviceProof(key, proofOf(alice)),
        }
        expect(await refusalOf(alice, body)).toBe('device_id_taken')
      },
    },
    {
      name: 'path, credential and proof must be about the same device of the same account',
      section: '§10.11',
      async run({ alice, bob }) {
        const { key } = alice
        const body = await bodyOf(alice)
        for (const changes of [{ device: bob.deviceId }, { account: bob.accountId }]) {
          const proof = await signDeviceProof(key, proofOf(alice, changes))
          expect(await refusalOf(alice, { ...body, proof })).toBe('forbidden')
        }
        expect(await refusalOf(alice, body, bob.deviceId)).toBe('forbidden')
      },
    },
    {
      name: 'a revoked device proves nothing',
      section: '§10.11',
      async run(stage) {
        const first = await stage.signUp()
        const second = await stage.addDevice(first)
        first.account.revoked.push({ device: second.deviceId, at: Date.now() })
        await first.publishNext()
        expect(await refusalOf(second, await bodyOf(second))).toBe('device_not_enrolled')
      },
    },
  ],
}

type Changes = { account?: AccountId; device?: DeviceId }

function proofOf({ accountId, deviceId }: RawDevice, changes: Changes = {}): DeviceProof {
  const issuedAt = Date.now()
  return { account: accountId, device: deviceId, challenge: 'made.up', issuedAt, ...changes }
}

async function bodyOf(device: RawDevice) {
  const { account, deviceId, key } = device
  return {
    credential: await account.credential({ deviceId, publicKey: key.publicKey }),
    proof: await signDeviceProof(key, proofOf(device)),
  }
}

async function refusalOf(
  device: RawDevice,
  body: { credential: string; proof: string },
  deviceId = device.deviceId,
): Promise<string> {
  const { code } = await device.refusal(chatRequests.proveDevice, { params: { deviceId }, body })
  return code
}
