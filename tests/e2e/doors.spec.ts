import type { Page } from '@playwright/test'
import { expect, test } from './suite.ts'

/** The app as it is where the server answers this to the question who may join. */
async function openWhere(page: Page, policy: { signUp: string; membersInvite: boolean }) {
  await page.route('**/auth/sign-up', (route) => route.fulfill({ json: policy }))
  await page.goto('/#/')
  await page.reload()
}

const waysIn = (page: Page) =>
  page.getByRole('navigation', { name: 'Ways in' }).getByRole('link').allTextContents()

test('who may join is said, and with an invitation that does not count at the moment, too', async ({
  openProfile,
}) => {
  const { page } = await openProfile()
  await openWhere(page, { signUp: 'invitation', membersInvite: true })
  await expect(page.getByText('Ask a member, or whoever runs this server')).toBeVisible()
  expect(await waysIn(page)).toEqual(['Log in by phone', 'Log in with a password'])
  await openWhere(page, { signUp: 'invitation', membersInvite: false })
  await expect(page.getByText('Ask whoever runs this server for a link.')).toBeVisible()
  await openWhere(page, { signUp: 'closed', membersInvite: false })
  await expect(page.getByText('This server takes no new members.')).toBeVisible()

  await page.route('**/auth/invitations/check', (route) =>
    route.fulfill({ json: { expiresAt: Date.now() + 60_000 } }),
  )
  await page.goto(`/#/join/${'A'.repeat(32)}`)
  await expect(page.getByText('Your invitation does not count at the moment.')).toBeVisible()
  expect(await waysIn(page)).toEqual(['Log in by phone', 'Log in with a password'])
  await openWhere(page, { signUp: 'invitation', membersInvite: false })
  await expect(page.getByText('You are invited.')).toBeVisible()
  expect(await waysIn(page)).toHaveLength(3)
})
