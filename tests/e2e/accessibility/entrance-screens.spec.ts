import { look, problemsOf } from '../looks/looks.ts'
import { expect, freshEmail, freshPhone, test } from '../people/correspondents.ts'
import { button } from './button.ts'

test('problems are found', async ({ openProfile }) => {
  const { page } = await openProfile()
  await expect(page.getByRole('heading')).toBeVisible()
  expect(await problemsOf(page)).toEqual([])
  await page.evaluate(() => {
    for (const style of ['color: #888; background: #999', 'min-width: 2000px']) {
      const planted = document.createElement('p')
      planted.style.cssText = style
      planted.textContent = 'planted'
      document.querySelector('main')?.prepend(planted)
    }
    document.querySelector('main')?.append(document.createElement('button'))
  })

  const found = await problemsOf(page)

  expect(found).toEqual([
    expect.stringContaining('button-name'),
    expect.stringContaining('color-contrast'),
    expect.stringContaining('px wide'),
  ])
  expect(await problemsOf(page, ['color-contrast'])).toHaveLength(2)
})

test('signing up and logging in', async ({ openProfile, server }) => {
  const walter = await openProfile()
  const { page } = walter
  const phone = freshPhone()
  await look(page, 'welcome')

  await page.getByRole('link', { name: 'Log in' }).click()
  await look(page, 'log-in')
  await page.getByRole('link', { name: 'Forgot your password' }).click()
  await look(page, 'forgotten-password')
  const email = freshEmail('walter')
  await page.goto('/#/sign-up/email')
  await page.getByLabel('Email address').fill(email)
  await look(page, 'sign-up-email')
  await button(page, 'Send code').click()
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(email))
  await page.getByLabel('Password', { exact: true }).fill('too short')
  await button(page, 'Set password').click()
  await look(page, 'new-password')

  await page.goto('/#/sign-up/phone')
  await page.reload()
  await page.getByLabel('Phone number').fill('+49 1')
  await button(page, 'Send code').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await look(page, 'sign-up-phone')
  walter.forgive(400)
  await page.getByLabel('Phone number').fill(phone)
  await button(page, 'Send code').click()
  await page.getByLabel('Code', { exact: true }).waitFor()
  await look(page, 'code')
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(phone))
  await page.getByLabel('Name', { exact: true }).fill('Walter Wieland')
  await look(page, 'profile')
  await page.getByRole('switch', { name: /RSA key/ }).click()
  await button(page, 'Continue').click()
  await button(page, 'I saved it').waitFor()
  await look(page, 'recovery-code')
  await button(page, 'I saved it').click()
  await look(page, 'confirm-recovery-code')
  await button(page, 'Show the code again').click()
  await walter.keepRecoveryCode()
  await page.getByLabel('Passphrase for the file').waitFor()
  await look(page, 'keep-key')
  await button(page, 'Without a passphrase…').click()
  await page.getByRole('dialog').waitFor()
  await look(page, 'unencrypted-key')
  await button(page, 'Cancel').click()
  await page.getByRole('link', { name: 'Not now' }).click()
  await page.getByText('No conversations yet').waitFor()
  await look(page, 'no-conversations')

  const second = await openProfile()
  await second.logInByPhone(phone)
  await second.page.getByLabel('Recovery code').waitFor()
  await look(second.page, 'locked')
  await button(second.page, 'I don’t have my code').click()
  await look(second.page, 'without-the-code')
})
