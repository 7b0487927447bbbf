import type { Page } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/correspondents.ts'

// Screens that people see only when something goes wrong, or only once: each is checked in both sizes and both color
// schemes.

test.use({ settings: { MEMBERS_INVITE: 'true' } })

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('inviting people, and being invited', async ({ openProfile }) => {
  const ivy = await openProfile()
  const { page } = ivy
  await ivy.signUpByPhone(freshPhone(), 'Ivy who invites')
  await page.goto('/#/settings/invitations')
  await expect(button(page, 'Create link')).toBeVisible()
  await look(page, 'invitations-none')
  await page.getByRole('radio', { name: 'Up to 10 people' }).check({ force: true })
  await button(page, 'Create link').click()
  await expect(page.getByRole('heading', { name: 'Your link' })).toBeVisible()
  await look(page, 'invitations-made')
  const link = (await page.getByText(/#\/join\//).textContent()) ?? ''
  await button(page, 'Create another link').click()
  await expect(page.getByRole('heading', { name: 'Active links' })).toBeVisible()
  await look(page, 'invitations-list')

  const jo = await openProfile()
  await jo.page.goto(link)
  await expect(jo.page.getByText('You’re invited.')).toBeVisible()
  await look(jo.page, 'invited')

  const kim = await openProfile()
  await kim.page.goto(link.slice(0, -4))
  await expect(kim.page.getByText('This isn’t an invitation link.')).toBeVisible()
  await expect(button(kim.page, 'Try again')).toBeHidden()
  await look(kim.page, 'join-broken')
  await page.getByRole('button', { name: /^Revoke/ }).click()
  await expect(page.getByRole('heading', { name: 'Active links' })).toBeHidden()
  const lee = await openProfile()
  await lee.page.goto(link)
  await expect(lee.page.getByText('This invitation doesn’t work.')).toBeVisible()
  await look(lee.page, 'join-refused')
  lee.forgiveFaults()
})

for (const [name, reason, words] of [
  ['session-lost', 'session_lost', 'This server lost your session.'],
  ['session-ended', undefined, 'You’ve been logged out.'],
] as const) {
  test(`an ended log-in: ${name}`, async ({ openProfile }) => {
    const sue = await openProfile()
    const { page } = sue
    await sue.signUpByPhone(freshPhone(), 'Sue who was logged in')
    await page.route('**/auth/refresh', (route) =>
      route.fulfill({
        status: 401,
        json: { code: 'refresh_refused', ...(reason && { details: { reason } }) },
      }),
    )
    await page.reload()
    await expect(page.getByText(words)).toBeVisible()
    await look(page, name)
    sue.forgiveFaults()
  })
}
