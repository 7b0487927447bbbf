import type { Page } from '@playwright/test'
import { expect, test } from '../people/suite.ts'

/** The app with this answer from the server about who may join. */
async function openWhere(page: Page, policy: { signUp: string; membersInvite: boolean }) {
  await page.route('**/auth/sign-up', (route) => route.fulfill({ json: policy }))
  await page.goto('/#/')
  await page.reload()
}

const waysIn = (page: Page) =>
  page.getByRole('navigation', { name: 'Sign up or log in' }).getByRole('link').allTextContents()

test('the page says who may join, even to a person whose invitation does not work right now', async ({
  openProfile,
}) => {
  const { page } = await openProfile()
  await openWhere(page, { signUp: 'invitation', membersInvite: true })
  await expect(page.getByText('Ask a member or the people who run this server')).toBeVisible()
  expect(await waysIn(page)).toEqual(['Log in with phone', 'Log in with a password'])
  await openWhere(page, { signUp: 'invitation', membersInvite: false })
  await expect(page.getByText('Ask the people who run this server for a link.')).toBeVisible()
  await openWhere(page, { signUp: 'closed', membersInvite: false })
  await expect(page.getByText('This server isn’t accepting new members.')).toBeVisible()

  await page.route('**/auth/invitations/check', (route) =>
    route.fulfill({ json: { expiresAt: Date.now() + 60_000 } }),
  )
  await page.goto(`/#/join/${'A'.repeat(32)}`)
  await expect(page.getByText('Your invitation can’t be used right now.')).toBeVisible()
  expect(await waysIn(page)).toEqual(['Log in with phone', 'Log in with a password'])
  await openWhere(page, { signUp: 'invitation', membersInvite: false })
  await expect(page.getByText('You’re invited.')).toBeVisible()
  expect(await waysIn(page)).toHaveLength(3)
})
