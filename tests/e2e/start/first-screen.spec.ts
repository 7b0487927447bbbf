import { expect, freshPhone, test } from '../people/correspondents.ts'
import { firstScreenKib } from './first-screen.ts'

const LIMIT_KIB = 160

test('the first screen needs only a little script', async () => {
  const size = await firstScreenKib()
  expect(size).toBeGreaterThan(10)
  expect(size).toBeLessThan(LIMIT_KIB)
})

test('the first screen renders without the code for conversations', async ({ openProfile }) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route(/\/assets\/talk-/, (route) => route.abort())
  await page.goto('/')
  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  await page.unroute(/\/assets\/talk-/)
  fay.troubles.splice(0)
  await page.reload()
  await fay.signUpByPhone(freshPhone(), 'Fay who is quick')
  await page.reload()
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
})
