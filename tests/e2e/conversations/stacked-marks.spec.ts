import type { Locator, Page } from '@playwright/test'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'

/** Letters with a taller stack of marks above and below them than the screen is high. */
const STACK = `Z${'\u0300\u0316\u0489'.repeat(300)} Y${'\u0301\u0317'.repeat(400)}`

/** Checks that the neighbors of `element` look the same with and without its text. */
async function coversNothing(page: Page, element: Locator, neighbors: readonly Locator[]) {
  const shown = await element.elementHandle()
  const show = (visibility: string) =>
    shown?.evaluate((one, value) => {
      ;(one as HTMLElement).style.visibility = value
    }, visibility)
  const paint = () => Promise.all(neighbors.map((neighbor) => paintOf(page, neighbor)))
  const covered = await paint()
  await show('hidden')
  const free = await paint()
  await show('')
  for (const [n, neighbor] of neighbors.entries()) {
    const pictures = [covered[n] ?? '', free[n] ?? ''] as const
    expect.soft(await page.evaluate(differentPixels, pictures), String(neighbor)).toBe(0)
  }
}

async function paintOf(page: Page, element: Locator): Promise<string> {
  const box = await element.boundingBox()
  if (!box) throw new Error(`${element} is not on the screen`)
  const picture = await page.screenshot({ clip: box, animations: 'disabled', caret: 'hide' })
  return picture.toString('base64')
}

/** How many pixels differ visibly. Runs in the page, which can decode images. */
async function differentPixels(pictures: readonly [string, string]): Promise<number> {
  const pixelsOf = async (picture: string) => {
    const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0))
    const { width, height } = await createImageBitmap(new Blob([bytes]))
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context?.drawImage(await createImageBitmap(new Blob([bytes])), 0, 0)
    return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray()
  }
  const [one, other] = [await pixelsOf(pictures[0]), await pixelsOf(pictures[1])]
  return one.filter((value, index) => Math.abs(value - (other[index] ?? 0)) > 48).length
}

/** Puts the stack into a name or a text, whatever the rules for names are. */
async function stackIn(element: Locator): Promise<void> {
  await element.evaluate((shown, text) => {
    const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT)
    const first = texts.nextNode()
    if (first) first.nodeValue = text
  }, STACK)
}

test('stacked marks in a message cover neither its neighbors nor the list', async ({
  openProfile,
  correspondent,
}) => {
  const zoe = await openProfile()
  await zoe.signUpByPhone(freshPhone(), 'Zoe who stacks')
  const yan = await correspondent('Yan who reads')
  const id = await converse(zoe, yan)
  for (const text of ['before', STACK, 'after']) await yan.send(id, text)
  await zoe.sees('after')
  await zoe.send(STACK)
  await zoe.send('mine after')
  await zoe.sees('mine after')
  const { page } = zoe
  const neighbors = [
    zoe.message('before').getByText('before'),
    zoe.message('after').first().getByText('after'),
    page.getByRole('main').getByRole('heading', { level: 1 }),
    zoe.composer,
    page.getByRole('navigation').getByRole('heading', { name: 'Sotto' }),
  ]

  await expect(zoe.message('Z')).toHaveCount(2)
  for (const message of await zoe.message('Z').all()) {
    await coversNothing(page, message, neighbors)
  }
  await zoe.send(STACK)
  await yan.send(id, STACK)
  const row = page.getByRole('navigation').locator('[data-row]')
  await expect(row).toContainText('Z')
  await coversNothing(page, row, [
    page
      .getByRole('textbox', { name: /search/i })
      .or(page.getByRole('searchbox'))
      .first(),
    zoe.message('before').getByText('before'),
  ])
})

test('stacked marks in names and notices stay within their line', async ({
  openProfile,
  correspondent,
}) => {
  const zoe = await openProfile()
  await zoe.signUpByPhone(freshPhone(), 'Zoe who looks')
  const yan = await correspondent('Yan who is named oddly')
  const wim = await correspondent('Wim who is beside')
  const id = await converse(zoe, yan)
  await converse(zoe, wim)
  await zoe.openConversation(yan.name)
  await yan.send(id, 'a message')
  await zoe.sees('a message')
  const { page } = zoe
  const rail = page.getByRole('navigation', { name: 'Conversations' })
  const message = zoe.message('a message').getByText('a message')
  const other = rail.getByRole('link').filter({ hasText: wim.name })
  const head = page.getByRole('main').getByRole('heading', { level: 1 })

  const name = rail.locator('[aria-current=page] bdi').first()
  await stackIn(name)
  await coversNothing(page, name, [other, head, message])
  await stackIn(head)
  await coversNothing(page, head, [other, message, zoe.composer])

  await page.getByRole('link', { name: 'Safety number' }).click()
  const panel = page.getByRole('complementary')
  const panelName = panel.getByRole('heading', { level: 3 }).first()
  await expect(panelName).toBeVisible()
  await stackIn(panelName)
  await coversNothing(page, panelName, [
    panel.getByRole('heading', { level: 2 }),
    message,
    zoe.composer,
  ])
})
