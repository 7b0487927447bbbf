import { converse, expect, freshEmail, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

const passphrase = 'a passphrase of many words'

const hasConversations = ({ page }: Person) =>
  expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()

const refusesCode = async ({ page }: Person, code: string, words: RegExp) => {
  await page.getByLabel('Recovery code').fill(code)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible()
}

test('a phone account opens on a second profile with its code, and with no other', async ({
  openProfile,
  correspondent,
}) => {
  const phone = freshPhone()
  const first = await openProfile()
  await first.signUpByPhone(phone, 'Petra of two browsers')
  const quentin = await correspondent('Quentin of the long history')
  const id = await converse(first, quentin)
  for (let n = 1; n <= 45; n++) await quentin.send(id, `letter ${n} of 45`)
  await first.send('an answer from the first browser')
  await quentin.device.message(id, ({ text }) => text === 'an answer from the first browser')

  const second = await openProfile()
  await second.logInByPhone(phone)
  await expect(second.page.getByRole('heading', { name: 'Unlock your messages' })).toBeVisible()
  const [start = '', ...rest] = first.recoveryCode.split('-')
  const mistyped = [start.replace(/^./, (char) => (char === 'A' ? 'B' : 'A')), ...rest].join('-')
  await refusesCode(second, mistyped, /doesn’t open your keys/)
  await refusesCode(second, quentin.recoveryCode, /doesn’t open your keys/)
  await second.unlock(first.recoveryCode.toLowerCase().replaceAll('-', ' '))

  await second.openConversation(quentin.name)
  await second.sees('an answer from the first browser')
  await second.scrollsBackTo('letter 1 of 45')
  await second.page.getByRole('button', { name: 'Latest messages' }).click()
  await second.send('and one from the second')
  await first.sees('and one from the second')
  expect(await quentin.device.wholeHistory(id, 47)).toHaveLength(47)
})

test('a browser that lost its storage says so, and the code restores everything', async ({
  openProfile,
  correspondent,
}) => {
  const petra = await openProfile()
  const phone = freshPhone()
  await petra.signUpByPhone(phone, 'Petra of the lost storage')
  const quentin = await correspondent('Quentin who is still there')
  const id = await converse(petra, quentin)
  await quentin.send(id, 'do you still have this?')
  await petra.sees('do you still have this?')

  // The storage can't be cleared while the page uses it.
  await petra.page.goto('about:blank')
  const devtools = await petra.context.newCDPSession(petra.page)
  await devtools.send('Storage.clearDataForOrigin', {
    origin: petra.server.origin,
    storageTypes: 'indexeddb,local_storage',
  })
  await petra.page.goto('/')

  const lost = petra.page.getByText('This browser deleted Sotto’s data.')
  await expect(lost).toBeVisible()
  await petra.logInByPhone(phone)
  await petra.unlock(petra.recoveryCode)
  await petra.openConversation(quentin.name)
  await petra.sees('do you still have this?')
  await petra.send('I do')
  await quentin.device.message(id, ({ text }) => text === 'I do')
})

test('after a reload, signing up continues where it was', async ({ openProfile }) => {
  const petra = await openProfile()
  const { page } = petra
  await petra.logInByPhone(freshPhone())
  await expect(page.getByRole('heading', { name: 'Your profile' })).toBeVisible()
  await page.reload()
  await page.getByLabel('Name', { exact: true }).fill('Petra who reloads')
  await page.getByRole('button', { name: 'Continue' }).click()
  const groups = page.getByTestId('recovery-code').getByRole('listitem')
  await expect(groups).toHaveCount(8)
  const code = (await groups.allTextContents()).join('-')

  await page.reload()
  await expect(groups).toHaveCount(8)
  expect((await groups.allTextContents()).join('-')).toBe(code)
  await page.getByRole('button', { name: 'I saved it' }).click()
  const wrong = code.includes('ZZZZ') ? 'AAAA' : 'ZZZZ'
  await page.getByLabel(/^Group \d of your code$/).fill(wrong)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.reload()
  await petra.keepRecoveryCode()
  await hasConversations(petra)
  await page.reload()
  await hasConversations(petra)
})

test('a password opens everything on a second browser', async ({ openProfile, correspondent }) => {
  const email = freshEmail('petra')
  const first = await openProfile()
  await first.signUpByEmail(email, 'Petra of the password')
  const quentin = await correspondent('Quentin of the compared key')
  const id = await converse(first, quentin)
  await quentin.send(id, 'the only letter')
  await first.sees('the only letter')
  await first.page.getByRole('link', { name: 'Safety number', exact: true }).click()
  await first.page.getByRole('button', { name: 'Mark as verified' }).click()
  await expect(first.page.getByText('Verified by you')).toBeVisible()

  const second = await openProfile()
  await second.logInByPassword(email)
  await second.openConversation(quentin.name)
  await second.sees('the only letter')
  await second.page.getByRole('link', { name: 'Safety number', exact: true }).click()
  await expect(second.page.getByText('Verified by you')).toBeVisible()
})

test('without the code, old messages stay unreadable, except those that a saved RSA key opens', async ({
  openProfile,
  correspondent,
}) => {
  const phone = freshPhone()
  const first = await openProfile()
  await first.signUpByPhone(phone, 'Petra of the key file', { withRsa: true })
  const pem = await first.savePem(passphrase)
  await first.page.getByRole('link', { name: 'Go to your conversations' }).click()
  const quentin = await correspondent('Quentin of the rsa letters', { withRsa: true })
  const rsa = await converse(first, quentin, 'rsa')
  await quentin.send(rsa, 'an old letter by rsa')
  await first.sees('an old letter by rsa')
  await first.send('an old answer by rsa')
  await quentin.device.message(rsa, ({ text }) => text === 'an old answer by rsa')

  const second = await openProfile()
  await test.step('loaded while the keys are locked', async () => {
    await second.logInByPhone(phone)
    await second.page.getByRole('button', { name: 'I don’t have my code' }).click()
    await second.loadPem(pem, 'a wrong passphrase')
    await expect(second.page.getByRole('alert').filter({ hasText: /passphrase/i })).toBeVisible()
    await second.loadPem(pem, passphrase)
    await expect(second.page.getByText('Your RSA key was imported.')).toBeVisible()
    await second.typeNewKeys('Petra of the key file')
    await second.openConversation(quentin.name)
    await second.sees('an old letter by rsa')
    await expect(second.page.getByTestId('notice-unreadable')).toContainText('stays locked')
    await first.isLoggedOut()
  })

  await test.step('loaded in the settings', async () => {
    const third = await openProfile()
    await third.logInByPhone(phone)
    await third.startWithNewKeys('Petra of the key file')
    await third.openConversation(quentin.name)
    await expect(third.page.getByTestId('notice-unreadable')).toContainText('stay locked')
    await expect(third.messages).toHaveCount(0)
    await third.page.goto('/#/settings/rsa-key')
    await third.loadPem(pem, passphrase)
    await expect(third.page.getByText('Your RSA key was imported.')).toBeVisible()
    await third.openConversation(quentin.name)
    await third.sees('an old letter by rsa')
    await expect(third.page.getByTestId('notice-unreadable')).toContainText('stays locked')
    await second.isLoggedOut()
  })
})

test('a renewed recovery code opens the keys, and the old one does not', async ({
  openProfile,
}) => {
  const phone = freshPhone()
  const petra = await openProfile()
  await petra.signUpByPhone(phone, 'Petra of the new code')
  const old = petra.recoveryCode
  await petra.page.goto('/#/settings/recovery')
  await petra.page.getByRole('button', { name: 'Create new code' }).click()
  await petra.keepRecoveryCode()
  await expect(petra.page.getByText('Your new code is active.')).toBeVisible()
  expect(petra.recoveryCode).not.toBe(old)

  const second = await openProfile()
  await second.logInByPhone(phone)
  await refusesCode(second, old, /doesn’t open your keys/)
  await second.unlock(petra.recoveryCode)
})
