import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { TestNetwork } from '../network.ts'

const conversationsOf = ({ client }: TestDevice) => client.snapshot({ view: 'conversations' }) ?? []

/** A member of a server that requires invitations. */
async function startWithMember() {
  const network = await TestNetwork.start({ auth: { limitFactor: 1_000, membersInvite: true } })
  const alice = await network.person('alice')
  await network.stop()
  await network.startAgain({ auth: { signUp: 'invitation' } })
  await alice.device.online()
  return { network, alice }
}

test.each(['phone', 'email address'])(
  'an invited person signs up by %s and has a conversation with the inviter',
  async (way) => {
    const { network, alice } = await startWithMember()
    await using _ = network
    const { link } = await alice.commands.createInvitation({ uses: 1, days: 7 })
    const email = way === 'phone' ? {} : { email: 'bob@chat.test' }
    const bob = await network.person('bob', { invitation: `Join me: ${link}, please.`, ...email })

    const { id } = await bob.device.eventually('a conversation', () =>
      conversationsOf(bob.device).find(
        ({ participants: [other] }) => other?.accountId === alice.accountId,
      ),
    )
    expect(bob.device.contact(alice.accountId)).toMatchObject({
      name: 'alice',
      trust: 'unverified',
    })
    await bob.send(id, 'thank you')
    await alice.device.conversation(id, ({ state, unread }) => state === 'request' && unread === 1)
    expect(await alice.commands.listInvitations()).toEqual([])
    expect(await bob.commands.signUpPolicy()).toMatchObject({ isInvited: false })
  },
)

test('a server that shows another key than the link is detected, and no conversation starts', async () => {
  const { network, alice } = await startWithMember()
  await using _ = network
  const { link } = await alice.commands.createInvitation({ uses: 1, days: 7 })
  // Like a server that serves a different record to everyone: the key in the link is not the one it
  // shows.
  const tampered = `${link.slice(0, -43)}${'A'.repeat(42)}E`
  const bob = await network.person('bob', { invitation: tampered })

  await bob.device.eventually('a doubt', () =>
    bob.device.failures.some((failure) => String(failure).includes('untrusted_answer')),
  )
  expect(conversationsOf(bob.device)).toEqual([])
  expect(bob.device.client.snapshot({ view: 'doubt' })?.untrustedAt).not.toBeNull()
})

test('an invitation survives a reload, and an expired one is forgotten', async () => {
  const { network, alice } = await startWithMember()
  await using _ = network
  const made = await alice.commands.createInvitation({ uses: 1, days: 7 })
  const device = await TestDevice.open(network, 'a new device')
  await device.commands.acceptInvitation(made.link)
  await device.close()
  await device.open()
  expect(await device.commands.signUpPolicy()).toEqual({
    signUp: 'invitation',
    membersInvite: true,
    isInvited: true,
  })

  await alice.commands.revokeInvitation(made.invitationId)
  const start = () => device.commands.startPhone(network.newPhone())
  await expect(start()).rejects.toMatchObject({ code: 'invitation_refused' })
  expect(await device.commands.signUpPolicy()).toMatchObject({ isInvited: false })
  // An existing member logs in without one.
  expect(await start()).toMatchObject({ expiresIn: 600 })
  await device.close()
})

test.each([
  '',
  'https://chat.test/#/join/',
  'https://chat.test/#/join/AAAA',
  `#/join/${'A'.repeat(33)}`,
])('%j is not an invitation', async (text) => {
  await using network = await TestNetwork.start()
  const device = await TestDevice.open(network, 'a new device')
  const accepting = device.commands.acceptInvitation(text)
  await expect(accepting).rejects.toMatchObject({ code: 'not_an_invitation' })
  await device.close()
})
