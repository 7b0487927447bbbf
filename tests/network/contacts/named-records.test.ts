import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

test('a record that a message names is requested again if the server could not answer', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  let isAvailable = true
  const asked: string[] = []
  await alice.device.close()
  await alice.device.open({
    fetch: async (input, init) => {
      const isAboutBob = String(input).endsWith(`/users/${bob.accountId}`)
      if (!isAboutBob || isAvailable) return fetch(input, init)
      asked.push(String(input))
      return Response.json({ code: 'unavailable' }, { status: 503 })
    },
  })
  await alice.device.online()
  // Before the first message on a connection, the device reads the contact by itself.
  await alice.send(id, 'hello')
  isAvailable = false
  await bob.commands.updateProfile({ name: 'robert', picture: null })
  await bob.send(id, 'under another name')
  await alice.device.message(id, ({ text }) => text === 'under another name')
  await expect.poll(() => asked.length).toBeGreaterThan(1)
  isAvailable = true

  await expect.poll(() => alice.contact(bob)?.name).toBe('robert')
})
