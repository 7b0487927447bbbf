import type { Route } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'

/** The server's answer, with every conversation's protocol replaced. */
async function lie(route: Route): Promise<void> {
  const response = await route.fetch()
  const answer = await response.json()
  for (const conversation of answer.conversations) conversation.protocol = 'rsa'
  await route.fulfill({ response, json: answer })
}

test('an impossible answer is reported, and nothing else changes', async ({
  openProfile,
  correspondent,
}) => {
  const dora = await openProfile()
  const { page } = dora
  await dora.signUpByPhone(freshPhone(), 'Dora who is told')
  const carl = await correspondent('Carl who writes')
  const id = await converse(dora, carl)
  await carl.send(id, 'before the lie')
  await dora.sees('before the lie')

  await page.route(/\/changes(\?|$)/, lie)
  await page.goto('about:blank')
  await carl.send(id, 'while she was away')
  await page.goto('/')

  const notice = page.getByRole('status').filter({ hasText: 'didn’t check out' })
  await expect(notice).toBeVisible()
  await look(page, 'doubt')
  await dora.openConversation('Carl who writes')
  await dora.sees('before the lie')
  await page.unroute(/\/changes(\?|$)/)
  await notice.getByRole('button', { name: 'Dismiss' }).click()
  await expect(notice).toHaveCount(0)
  await carl.send(id, 'after the lie')
  await dora.sees('after the lie')
  await dora.sees('while she was away')
})
