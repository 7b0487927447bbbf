import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/correspondents.ts'

const STRANGERS = 4

test('many requests take one row', async ({ openProfile, correspondent }) => {
  const rita = await openProfile()
  const { page } = rita
  await rita.signUpByPhone(freshPhone(), 'Rita whom everybody asks')
  const rail = page.getByRole('navigation', { name: 'Conversations' })
  const single = rail.getByRole('link', { name: /Someone new/ })
  const folded = rail.getByRole('link', { name: /^\d+ requests/ })

  for (let n = 1; n <= STRANGERS; n++) {
    const stranger = await correspondent(`Stranger ${n}`)
    const [found] = (await stranger.commands.listPeople('Rita', null)).people
    if (!found) throw new Error('Rita is not in the list of members')
    const id = await stranger.commands.startConversation(found.accountId, 'ecdh')
    await stranger.send(id, `I am number ${n}`)
    if (n <= 2) await expect(single).toHaveCount(n)
  }
  await expect(folded).toHaveAccessibleName(new RegExp(`^${STRANGERS} requests`))
  await expect(single).toHaveCount(0)
  await page.goto('/#/')
  await look(page, 'folded-requests')

  await folded.focus()
  await page.keyboard.press('Enter')
  const rows = page.getByRole('main').getByRole('listitem').getByRole('link')
  await expect(rows).toHaveCount(STRANGERS)
  await expect(folded).toHaveAttribute('aria-current', 'page')
  await look(page, 'requests')

  await rows.first().focus()
  await page.keyboard.press('ArrowDown')
  await expect(rows.nth(1)).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show request' }).click()
  await rita.sees(`I am number ${STRANGERS - 1}`)
  await page.getByRole('button', { name: 'Accept' }).click()
  await expect(rita.composer).toBeVisible()
  await expect(folded).toHaveAccessibleName(new RegExp(`^${STRANGERS - 1} requests`))
  await rita.acceptRequest()
  await expect(folded).toHaveCount(0)
  await expect(single).toHaveCount(2)
})
