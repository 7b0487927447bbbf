import {
  type AccountKeys,
  derivePairwiseKeys,
  encodeBase64url,
  publicKeysOf,
  recipientTag,
  sealMessageEcdh,
  signSuccession,
} from '@sotto/crypto'
import { DeviceId, EnvelopeId, type Succession } from '@sotto/wire'
import { expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { type ForgedAccount, forgeAccount } from '../forged-account.ts'
import { readableWith } from '../readable-with.ts'
import { expectShown, whileAway } from '../shown.ts'
import { Plot } from './plot.ts'

const keysOnDevice = async ({ device }: Person) =>
  (await storedValue(device.storage, 'keys', 'account')) as AccountKeys
const identityOf = (keys: AccountKeys) => publicKeysOf(keys).identityKey

/** A succession from the keys of `signer`, with any changes. */
function succession(
  signer: AccountKeys,
  { keys }: Pick<ForgedAccount, 'keys'>,
  changes: Pick<Succession, 'account'> & Partial<Succession>,
): Promise<string> {
  return signSuccession(signer.identity, {
    formerKey: identityOf(signer),
    identityKey: identityOf(keys),
    device: DeviceId.parse(crypto.randomUUID()),
    issuedAt: 1,
    ...changes,
  })
}

/** Checks that Alice is asked, Bob is no longer verified, and nothing is sent. */
async function expectQuestion({ alice, bob, id, owner }: Plot): Promise<void> {
  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await expect(alice.commands.send(id, 'for Bob only')).rejects.toMatchObject({
    code: 'key_changed',
  })
  expect(alice.contact(bob)?.trust).toBe('key_changed')
  expect(await owner.log(id)).toHaveLength(2)
}

test('a succession that the pinned key did not sign leaves the decision to the person', async () => {
  const forgeries = {
    'by the new key itself': async ({ bob, forged }: Parts) =>
      succession(forged.keys, await otherKeys(forged), { account: bob.accountId }),
    'with a bit changed': async ({ bob, forged }: Parts) => {
      const good = await succession(await keysOnDevice(bob), forged, { account: bob.accountId })
      const [header, payload, signature = ''] = good.split('.')
      return [header, payload, `${signature.slice(0, 10)}AAAA${signature.slice(14)}`].join('.')
    },
    'of another account': async ({ alice, bob, forged }: Parts) =>
      succession(await keysOnDevice(bob), forged, { account: alice.accountId }),
    'to another key': async ({ bob, forged }: Parts) =>
      succession(await keysOnDevice(bob), await otherKeys(forged), { account: bob.accountId }),
    'of another kind': async ({ owner, bob }: Parts) => owner.manifestOf(bob.accountId),
  }
  type Parts = Pick<Plot, 'alice' | 'bob' | 'owner'> & { forged: ForgedAccount }
  const otherKeys = async (forged: ForgedAccount) => forgeAccount(forged.record)
  for (const forgery of Object.values(forgeries)) {
    await using plot = await Plot.start()
    const { alice, bob, owner } = plot
    const forged = await plot.forge()
    await plot.show(forged.record, [await forgery({ alice, bob, owner, forged })])
    await expectQuestion(plot)
    await expectShown(alice.device, plot.id, ['secret 1', 'secret 2', '[key_changed]'])
  }
})

test('two successions of one key, or a chain with a missing link, leave the decision to the person', async () => {
  await using plot = await Plot.start()
  const { bob } = plot
  const account = bob.accountId
  const [forged, other] = [await plot.forge(), await plot.forge()]
  const bobs = await keysOnDevice(bob)
  const fork = await succession(bobs, other, { account })
  const lastPart = await succession(other.keys, forged, { account })

  await plot.show(forged.record, [lastPart])
  await expectQuestion(plot)
  await plot.show(forged.record, [lastPart, await succession(forged.keys, other, { account })])
  await expectQuestion(plot)
  await plot.show(forged.record, [fork, await succession(bobs, forged, { account })])
  await expectQuestion(plot)
})

test('a key that was renewed never comes back, neither alone nor through a succession', async () => {
  await using plot = await Plot.start()
  const { alice, bob, owner, id } = plot
  const before = await owner.recordOf(bob.accountId)
  await plot.renew()
  const renewed = {
    record: await owner.recordOf(bob.accountId),
    successions: await owner.successionsOf(bob.accountId),
  }
  const bobs = await keysOnDevice(bob)
  const back = await signSuccession(bobs.identity, {
    account: bob.accountId,
    formerKey: identityOf(bobs),
    identityKey: JSON.parse(Buffer.from(before.split('.')[1] ?? '', 'base64url').toString())
      .identityKey,
    device: bob.device.me().deviceId,
    issuedAt: 1,
  })

  for (const successions of [[], renewed.successions, [back], [back, ...renewed.successions]]) {
    await plot.show(before, successions)
    const isDoubted = () => alice.device.client.snapshot({ view: 'doubt' })?.untrustedAt !== null
    alice.device.client.subscribe({ view: 'doubt' }, () => {})
    await alice.device.eventually('to refuse it', isDoubted)
    expect(alice.contact(bob)?.trust).toBe('verified')
  }
  await plot.show(renewed.record, renewed.successions)
  await alice.send(id, 'still for Bob')
  await bob.device.message(id, ({ text }) => text === 'still for Bob')
  await expectShown(alice.device, id, ['secret 1', 'secret 2', '[keys_renewed]', 'still for Bob'])
})

test('a thief who comes second, with a succession of the former key, causes a question', async () => {
  await using plot = await Plot.start()
  const { alice, bob } = plot
  const stolenKeys = await keysOnDevice(bob)
  await plot.renew()
  const forged = await plot.forge()
  const forked = await succession(stolenKeys, forged, { account: bob.accountId })

  await plot.show(forged.record, [forked])

  await expectQuestion(plot)
  const shown = ['secret 1', 'secret 2', '[keys_renewed]', '[key_changed]']
  await expectShown(alice.device, plot.id, shown)
})

test('a succession that is withheld costs the verified mark, and showing it later does not restore the mark', async () => {
  await using plot = await Plot.start()
  const { alice, bob, owner, id } = plot
  await alice.device.close()
  await plot.bobRenews()
  const record = await owner.recordOf(bob.accountId)
  const successions = await owner.successionsOf(bob.accountId)
  await alice.device.open()
  await plot.show(record, [])
  await expectQuestion(plot)

  await plot.show(record, successions)

  const isFollowed = () => alice.device.notices(id).some(({ kind }) => kind === 'keys_renewed')
  await alice.device.eventually('to follow', isFollowed)
  expect(alice.contact(bob)?.trust).toBe('unverified')
  await alice.send(id, 'good')
  await bob.device.message(id, ({ text }) => text === 'good')
})

test.each(['ecdh', 'rsa'] as const)(
  'past messages never go to a later key, even if a stolen key has signed it (%s)',
  async (protocol) => {
    await using plot = await Plot.start(protocol)
    const { alice, bob, owner, proxy, id } = plot
    // The thief is first, so for everyone else the account is the thief's.
    const forged = await plot.forge()
    const { accountId } = bob
    const signed = await succession(await keysOnDevice(bob), forged, { account: accountId })
    await bob.device.close()
    await alice.device.close()
    const offline = () => Promise.reject(new TypeError('no network'))
    await alice.device.open({ fetch: offline })
    await alice.commands.send(id, 'written before')
    await alice.device.close()
    await owner.addDevice(accountId, forged.deviceId, forged.credential)
    await alice.device.open({ fetch: offline })
    await plot.show(forged.record, [signed])
    await alice.device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')
    await alice.send(id, 'written later')

    await owner.empty(id)
    const era = await owner.beginEra()
    await alice.device.close()
    await alice.device.open()
    await eventually('the era to be followed', async () => {
      return (await storedValue(alice.device.storage, 'account', 'era')) === era
    })
    await alice.device.eventually('to give back what it may', async () => {
      return (await owner.log(id)).length === 1
    })

    const readable = await readableWith(forged.keys, proxy, await owner.recordOf(alice.accountId))
    expect(new Set(readable)).toEqual(new Set(['written later']))
  },
)

test('after a renewal, stolen keys cannot forge messages on either side', async () => {
  await using plot = await Plot.start()
  const { alice, bob, owner, id } = plot
  const stolen = await keysOnDevice(bob)
  const alices = await keysOnDevice(alice)
  const { bobId } = plot
  const { accountId: aliceId, deviceId: alicesDevice } = alice.device.me()
  const deviceId = bob.device.me().deviceId
  await plot.renew()
  const { identityKey } = publicKeysOf(await keysOnDevice(bob))
  // Both can be derived from the stolen private key as well.
  const toAlice = await derivePairwiseKeys(stolen.ecdh[0], alices.ecdh[0].publicKey, id)
  const toBob = await derivePairwiseKeys(alices.ecdh[0], stolen.ecdh[0].publicKey, id)
  const formerKey = encodeBase64url(stolen.identity.publicKey)
  const forge = async (direction: 'to alice' | 'to bob', to: Parameters<typeof recipientTag>) => {
    const isToAlice = direction === 'to alice'
    const from = isToAlice ? bobId : aliceId
    const device = isToAlice ? deviceId : alicesDevice
    const message = EnvelopeId.parse(crypto.randomUUID())
    const content = {
      type: 'text' as const,
      conversation: id,
      message,
      account: from,
      device,
      to: await recipientTag(...to),
      record: 1,
      manifest: 1,
      counter: 50,
      skipped: [],
      sentAt: 1,
      text: 'made up',
    }
    const key = isToAlice ? toAlice : toBob
    await owner.append(id, {
      conversation_id: id,
      seq: 0,
      id: message,
      sender_account_id: from,
      sender_device_id: device,
      accepted_at: Date.now(),
      kind: 'message',
      ciphertext: await sealMessageEcdh(key, content),
    })
  }
  await whileAway(alice, () =>
    whileAway(bob, async () => {
      await forge('to alice', [aliceId, identityOf(alices)])
      await forge('to bob', [bobId, identityKey])
      await forge('to bob', [bobId, formerKey])
    }),
  )

  const shown = ['secret 1', 'secret 2']
  await expectShown(bob.device, id, [...shown, '[key_lost]', '[key_lost]', '[key_lost]'])
  await alice.device.eventually('to read the log', () => alice.device.notices(id).length >= 2)
  expect(alice.device.messages(id).map(({ text }) => text)).toEqual(shown)
  expect(bob.device.messages(id).map(({ text }) => text)).toEqual(shown)
})
