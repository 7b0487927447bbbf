import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { TestNetwork } from '../network.ts'
import { Operator } from '../operator.ts'

let network: TestNetwork
let operator: Operator

beforeAll(async () => {
  network = await TestNetwork.start({ auth: { limitFactor: 1_000, membersInvite: true } })
  operator = await Operator.on(network)
})
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

const endOf = (device: TestDevice, reason: string) =>
  device.eventually(`the end by ${reason}`, () => {
    const session = device.session()
    return session.stage === 'signed_out' && session.reason === reason
  })

test('a suspended person is told so, gets nothing, cannot log in in any way, and continues afterwards', async () => {
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  await bob.nextMessage()
  const { link } = await bob.commands.createInvitation({ uses: 1, days: 1 })

  const { accountId } = bob
  const { ended } = await operator.json('suspend', accountId)
  expect(ended).toBe(1)
  await endOf(bob.device, 'account_suspended')
  await alice.send(id, 'meanwhile')
  const again = await TestDevice.open(network, 'another device')
  await expect(bob.enter(again)).rejects.toMatchObject({ code: 'account_suspended' })
  await expect(bob.enter(bob.device)).rejects.toMatchObject({ code: 'account_suspended' })
  // The invitations that he has shared do not work in the meantime.
  await expect(again.commands.acceptInvitation(link)).rejects.toMatchObject({
    code: 'invitation_refused',
  })
  // Repeating it changes nothing, and no session has begun.
  expect(await operator.json('suspend', accountId)).toMatchObject({ ended: 0 })
  const shown = await operator.json('account', accountId)
  expect(shown).toMatchObject({ sessions: 0 })
  expect(shown.suspendedAt).toBeGreaterThan(0)

  await operator.json('resume', accountId)
  await again.commands.acceptInvitation(link)
  await again.close()
  await bob.enter(bob.device)
  await bob.device.message(id, ({ text }) => text === 'meanwhile')
})

test('a password does not let a suspended person in either', async () => {
  const carol = await network.person('carol', { email: 'carol@example.org' })
  await operator.json('suspend', carol.accountId)
  await endOf(carol.device, 'account_suspended')
  await expect(
    carol.device.commands.logIn('carol@example.org', carol.password),
  ).rejects.toMatchObject({ code: 'account_suspended' })
  // Without the password, no one learns of it.
  await expect(
    carol.device.commands.logIn('carol@example.org', 'not the password at all'),
  ).rejects.toMatchObject({ code: 'wrong_credentials' })
})

test('a person whose log-ins were ended may log in again', async () => {
  const dave = await network.person('dave')
  const second = await dave.addDevice()
  expect(await operator.json('end-sessions', dave.accountId)).toMatchObject({ ended: 2 })
  await endOf(dave.device, 'session_ended')
  await endOf(second, 'session_ended')
  await dave.enter(dave.device)
  await dave.device.online()
  expect(await operator.json('account', dave.accountId)).toMatchObject({ sessions: 1 })
})

test.each(['suspend', 'resume', 'remove', 'end-sessions', 'account'])(
  '%s of an unknown account says that it does not exist',
  async (command) => {
    const nobody = '5f0c8d2e-3b1a-4c6d-9e7f-0a1b2c3d4e5f'
    const answered = await operator.run(command, nobody, '--yes', '--json')
    expect(answered.status).toBe(1)
    expect(JSON.parse(answered.errors).error.code).toBe('account_not_found')
  },
)
