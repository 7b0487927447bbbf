import type { Page } from '@playwright/test'
import { expect, freshEmail, test } from '../people/suite.ts'

// Configured for an operator with an SMTP account and no SMS gateway.
test.use({ settings: { SMS_SENDER: 'none' } })

/** The ways to sign up or log in that the first page offers. */
const waysIn = (page: Page) =>
  page.getByRole('navigation', { name: 'Sign up or log in' }).getByRole('link').allTextContents()

test('without SMS codes, nobody is asked for a phone number', async ({ openProfile }) => {
  const mona = await openProfile()
  const { page } = mona
  await expect(page.getByRole('link', { name: 'Sign up with email' })).toBeVisible()
  expect(await waysIn(page)).toEqual(['Sign up with email', 'Log in'])

  await page.getByRole('link', { name: 'Log in' }).click()
  await expect(page.getByRole('link', { name: 'Forgot your password' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Log in with phone' })).toHaveCount(0)
  // A bookmarked address leads to the available options.
  await page.goto('/#/sign-up/phone')
  await expect(page.getByRole('link', { name: 'Sign up with email' })).toBeVisible()

  await mona.signUpByEmail(freshEmail('mona'), 'Mona without a phone')
})

test('without email codes, nobody is asked for an address to send one to', async ({
  openProfile,
}) => {
  const { page } = await openProfile()
  await page.route('**/auth/channels', (route) => route.fulfill({ json: { channels: ['phone'] } }))
  await page.reload()
  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  expect(await waysIn(page)).toEqual(['Continue with phone', 'Log in'])

  await page.getByRole('link', { name: 'Log in' }).click()
  await expect(page.getByRole('link', { name: 'Log in with phone' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Forgot your password' })).toHaveCount(0)
  await page.goto('/#/forgot-password')
  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
})

test('an unreachable server does not hide the ways to log in', async ({ openProfile }) => {
  const mona = await openProfile()
  const { page } = mona
  await page.route('**/auth/channels', (route) => route.abort())
  await page.reload()
  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  expect(await waysIn(page)).toHaveLength(3)
  mona.forgiveFaults()
})
