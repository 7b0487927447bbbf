import { expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { TestNetwork } from '../../network/network.ts'
import { type Exchange, TamperingProxy } from '../../network/tampering-proxy.ts'

// An honest server's answers may arrive out of order. That must neither raise an alarm nor undo anything.

test('an answer that a newer record overtook is not reported as untrusted', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob] = await Promise.all([
    network.person('alice', { origin: proxy.origin }),
    network.person('bob'),
  ])
  await alice.startConversation(bob)
  const late = Promise.withResolvers<void>()
  const held: Exchange[] = []
  const passed: Exchange[] = []
  proxy.tampering = {
    async response(exchange) {
      if (exchange.method !== 'GET' || !exchange.path.endsWith(`/users/${bob.accountId}`)) return
      if (held.length > 0) return void passed.push(exchange)
      held.push(exchange)
      await late.promise
      passed.push(exchange)
    },
  }

  await bob.commands.updateProfile({ name: 'Bob the second', picture: null })
  await eventually('Alice to ask', () => held.length === 1)
  await bob.commands.updateProfile({ name: 'Bob the third', picture: null })
  await eventually('the newest name', () => alice.contact(bob)?.name === 'Bob the third')
  late.resolve()
  await eventually('the late answer', () => passed.length === 2)
  await bob.commands.updateProfile({ name: 'Bob the fourth', picture: null })
  await eventually('what comes after it', () => alice.contact(bob)?.name === 'Bob the fourth')

  expect(alice.device.client.snapshot({ view: 'doubt' })).toMatchObject({ untrustedAt: null })
  expect(alice.device.failures).toEqual([])
})
