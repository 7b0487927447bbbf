import type { Page } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'

// One conversation, and so little storage that a long text fills it.
test.use({
  settings: { QUOTA_CONVERSATIONS: '1', QUOTA_MEGABYTES: '2', QUOTA_MEGABYTES_YOUNG: '1' },
})

const meter = (page: Page, title: string) =>
  page.getByRole('main').getByRole('paragraph').filter({ hasText: title })

test('people see how much storage they have, and what happens when it is full', async ({
  openProfile,
  correspondent,
}) => {
  const lina = await openProfile()
  const { page } = lina
  await lina.signUpByPhone(freshPhone(), 'Lina who writes a lot')
  const omar = await correspondent('Omar who answers')
  await correspondent('Paul whom nobody asks')
  await converse(lina, omar)
  const address = page.url()

  await test.step('the normal screen', async () => {
    await page.goto('/#/settings')
    await page.getByRole('link', { name: /Storage on this server/ }).click()
    await expect(meter(page, 'Messages you’ve sent')).toContainText('of 1 MB')
    await expect(page.getByRole('main')).toContainText('New accounts have less storage')
    await expect(meter(page, 'Conversations you’ve started')).toContainText('1 of 1')
  })

  await test.step('a message that does not fit stays on the device', async () => {
    await page.goto(address)
    const long = 'A long text, again and again. '.repeat(2_000)
    for (let n = 0; n < 16; n += 1) {
      await lina.composer.fill(`${n} ${long}`)
      await lina.composer.press('Enter')
    }
    const notSent = page.getByText('Not sent. You’ve used all your storage on this server.')
    await expect(notSent.last()).toBeVisible()
  })

  await test.step('the settings say so', async () => {
    await page.goto('/#/settings')
    await expect(page.getByText('You’ve used almost all your storage on this server')).toBeVisible()
    await look(page, 'settings-near')
    await page.getByRole('link', { name: 'See how much you’ve used' }).click()
    await page.route('**/usage', async (route) => {
      const answer = await (await route.fetch()).json()
      const { allowed } = answer.bytes
      await route.fulfill({ json: { ...answer, bytes: { used: allowed, allowed } } })
    })
    await page.reload()
    await expect(page.getByText('You’ve used all your storage on this server')).toBeVisible()
    await look(page, 'storage-full')
    await page.unrouteAll()
  })

  await test.step('a second conversation is refused with an explanation', async () => {
    await page.goto('/#/')
    await page.getByRole('link', { name: 'New conversation' }).first().click()
    const main = page.getByRole('main')
    await main.getByLabel('Name, phone number, or email').fill('Paul')
    await main.getByRole('button', { name: /Paul whom nobody asks/ }).click()
    await page.getByRole('button', { name: 'Start conversation' }).click()
    await expect(
      page.getByText('You’ve started as many conversations as this server allows.'),
    ).toBeVisible()
    // The browser logs every refused request.
    lina.forgiveFaults()
  })
})
