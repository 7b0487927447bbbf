import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { Person } from '../people/person.ts'
import { expect, freshEmail, freshPhone, test } from '../people/suite.ts'

const passphrase = 'kept in the drawer'
const texts = [
  '1',
  'x'.repeat(191),
  `the long one ${'0123456789abcdef'.repeat(3840)}`,
  'emoji 👩‍👩‍👧‍👦 🏳️‍🌈 🫱🏽‍🫲🏿',
  'مرحبا بالعالم, then שלום',
]

/** Long texts are folded on the screen; their beginning is enough to find them. */
const shown = (text: string) => text.slice(0, 60)

async function exchange(from: Person, to: Person, tag: string): Promise<void> {
  for (const text of texts) {
    const tagged = `${tag} ${text}`
    await from.send(tagged)
    await to.sees(shown(tagged))
  }
}

test('two people talk in both protocols, through a restart, and read everything in a third profile', async ({
  openProfile,
  server,
}) => {
  const alice = await openProfile()
  const bob = await openProfile()
  const bobsEmail = freshEmail('bob')
  await alice.signUpByPhone(freshPhone(), 'Alice Ashdown')
  await bob.signUpByEmail(bobsEmail, 'Bob Birnbaum', { withRsa: true })
  const pem = await bob.savePem(passphrase)
  await bob.page.getByRole('link', { name: 'Go to your conversations' }).click()

  await test.step('ecdh, both directions', async () => {
    await alice.startConversation('Bob Birnbaum', 'ecdh')
    await alice.send('a first word, by ecdh')
    await bob.acceptRequest()
    await bob.sees('a first word, by ecdh')
    await exchange(alice, bob, 'e1')
    await exchange(bob, alice, 'e2')
  })

  await test.step('rsa, both directions', async () => {
    await bob.startConversation('Alice Ashdown', 'rsa')
    // Alice has no RSA key yet, so her browser creates it now.
    await expect(bob.composer).toBeVisible()
    await bob.send('a first word, by rsa')
    await alice.openConversation('a first word, by rsa')
    await alice.sees('a first word, by rsa')
    await exchange(bob, alice, 'r1')
    await exchange(alice, bob, 'r2')
  })

  await test.step('the server restarts in the middle', async () => {
    await server.stop()
    await alice.send('written while the server was away')
    await expect(alice.message('written while the server was away')).toHaveAttribute(
      'data-status',
      'waiting',
    )
    await server.start()
    await bob.sees('written while the server was away')
    await expect(bob.message('written while the server was away')).toHaveCount(1)
  })

  await test.step('a third profile has everything', async () => {
    const third = await openProfile()
    await third.logInByPassword(bobsEmail)
    await third.openConversation('Alice Ashdown')
    await third.sees('written while the server was away')
    await third.scrollsBackTo('a first word, by rsa')
    await third.openConversation('ecdh')
    await third.scrollsBackTo('a first word, by ecdh')
  })

  await test.step('openssl opens the key file only with its passphrase', async () => {
    const file = test.info().outputPath('key.pem')
    await writeFile(file, pem)
    const read = (pass: string) =>
      execFileSync('openssl', ['pkey', '-in', file, '-passin', `pass:${pass}`, '-noout', '-text'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    expect(read(passphrase)).toContain('3072 bit')
    expect(() => read('another passphrase')).toThrow()
  })
})
