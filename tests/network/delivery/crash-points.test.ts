import { createMemoryStorage } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { dyingStorage } from '../dying-storage.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'

test('a sign-up that is interrupted anywhere resumes where it stopped', async () => {
  await using network = await TestNetwork.start()
  let crashes = 0
  for (let writes = 0; writes < 40; writes++) {
    const dying = dyingStorage(createMemoryStorage())
    const device = await TestDevice.open(network, 'a device', { storage: dying.storage })
    const phone = network.newPhone()
    dying.dieAfter(writes)
    const isDone = await signUp(network, device, phone, dying.isDead).then(
      () => true,
      () => false,
    )
    await device.close()
    if (isDone && !dying.isDead()) break

    crashes += 1
    dying.revive()
    await device.open()
    await goOn(network, device, phone)
    expect(device.me().name).toBe('alice')
    await device.online()
    await device.close()
  }
  // Tokens, keys and code, five uploads, the confirmation: each of them is an interrupted step.
  expect(crashes).toBeGreaterThan(8)
  expect(crashes).toBeLessThan(40)
})

async function signUp(
  network: TestNetwork,
  device: TestDevice,
  phone: string,
  isDead = () => false,
): Promise<void> {
  const { challengeId } = await device.commands.startPhone(phone)
  await device.commands.verifyPhone(challengeId, await network.codeFor(phone))
  await device.commands.createProfile({ name: 'alice', picture: null, withRsa: false })
  await device.confirmRecovery()
  // The last step belongs to no command, so nothing throws if the storage dies in it.
  await device.eventually('to be ready', () => device.session().stage === 'ready' || isDead())
}

/** Does what the screen would request in the current stage. */
async function goOn(network: TestNetwork, device: TestDevice, phone: string): Promise<void> {
  const session = await eventually('something to do', () => {
    const now = device.session()
    return now.stage !== 'starting' && now
  })
  if (session.stage === 'signed_out') return signUp(network, device, phone)
  if (session.stage === 'needs_profile') {
    await device.commands.createProfile({ name: 'alice', picture: null, withRsa: false })
    await device.confirmRecovery()
  }
  if (session.stage === 'confirm_recovery') await device.confirmRecovery()
  await device.stage('ready')
}

test('a device that dies at any step of sending loses, duplicates and reuses nothing', async () => {
  await using network = await TestNetwork.start()
  const bob = await network.person('bob')
  const dying = dyingStorage(createMemoryStorage())
  const alice = await network.person('alice', { storage: dying.storage })
  const id = await alice.startConversation(bob)
  const promised: string[] = []

  for (let round = 0; round < 12; round++) {
    dying.dieAfter(round)
    for (let i = 0; i < 3; i++) {
      const text = `round ${round}, message ${i}`
      const isKept = await alice.commands.send(id, text).then(
        () => true,
        () => false,
      )
      if (isKept) promised.push(text)
    }
    await new Promise((resolve) => setTimeout(resolve, round * 5))
    await alice.device.close()
    dying.revive()
    await alice.device.open()
    await alice.device.online()
  }

  await alice.send(id, 'the end')
  expect(await bob.device.wholeHistory(id, promised.length + 1)).toEqual([...promised, 'the end'])
  expect(bob.device.notices(id)).toEqual([])
  expect(await alice.device.wholeHistory(id, promised.length + 1)).toEqual([...promised, 'the end'])
  expect(alice.device.notices(id)).toEqual([])
})

test('a device that dies at any step of receiving shows everything once', async () => {
  await using network = await TestNetwork.start()
  const dying = dyingStorage(createMemoryStorage())
  const bob = await network.person('bob', { storage: dying.storage })
  const alice = await network.person('alice')
  const id = await alice.startConversation(bob)
  const texts: string[] = []

  for (let round = 0; round < 8; round++) {
    dying.dieAfter(round)
    for (let i = 0; i < 3; i++) {
      texts.push(`round ${round}, message ${i}`)
      await alice.send(id, `round ${round}, message ${i}`)
    }
    await bob.device.close()
    dying.revive()
    await bob.device.open()
  }

  expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
  expect(bob.device.notices(id)).toEqual([])
})
