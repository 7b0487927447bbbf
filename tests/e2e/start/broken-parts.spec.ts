import type { Page } from '@playwright/test'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'

/** Answers 404 for scripts with this name, like a server with another version. */
async function withhold(page: Page, scripts: RegExp, times = Number.POSITIVE_INFINITY) {
  const asked = { times: 0 }
  await page.route(scripts, (route) => {
    asked.times += 1
    return asked.times <= times
      ? route.fulfill({ status: 404, contentType: 'text/plain', body: 'not here' })
      : route.continue()
  })
  return asked
}

const ENTRANCE = /\/assets\/entrance-.*\.js/
const MESSAGES = /\/assets\/messages-.*\.js/

test('a script that answers 404 is fetched again', async ({ openProfile }) => {
  const fay = await openProfile()
  const asked = await withhold(fay.page, ENTRANCE, 2)
  await fay.page.reload()

  await fay.page.getByRole('link', { name: 'Continue with phone' }).click()

  await expect(fay.page.getByLabel('Phone number')).toBeVisible()
  expect(asked.times).toBeGreaterThan(2)
  fay.forgiveFaults()
})

test('a missing script is reported, and loads on the next try', async ({ openProfile }) => {
  const fay = await openProfile()
  await withhold(fay.page, ENTRANCE)
  await fay.page.reload()
  await fay.page.getByRole('link', { name: 'Continue with phone' }).click()
  await expect(fay.page.getByText('Part of Sotto couldn’t be loaded.')).toBeVisible()
  await expect(fay.page.getByRole('button', { name: 'Reload' })).toBeVisible()
  await fay.page.unroute(ENTRANCE)

  await fay.page.getByRole('button', { name: 'Try again' }).click()

  await expect(fay.page.getByLabel('Phone number')).toBeVisible()
  fay.forgiveFaults()
})

test('after an update the page says so, and reloads on request', async ({ openProfile }) => {
  const fay = await openProfile()
  const { page } = fay
  await withhold(page, ENTRANCE)
  await page.reload()
  const isPage = (url: URL) => url.pathname === '/'
  await page.route(isPage, (route) =>
    route.request().resourceType() === 'document'
      ? route.continue()
      : route.fulfill({ contentType: 'text/html', body: '<script src="/assets/index-new.js">' }),
  )
  let loads = 0
  page.on('load', () => {
    loads += 1
  })

  await page.getByRole('link', { name: 'Continue with phone' }).click()

  await expect(page.getByText('A new version of Sotto is ready.')).toBeVisible()
  expect(loads).toBe(0)
  await page.unroute(ENTRANCE)
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect(page.getByLabel('Phone number')).toBeVisible()
  expect(loads).toBe(1)
  fay.forgiveFaults()
})

test('without the code for conversations the page says so, and nothing is lost', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  const { page } = fay
  await fay.signUpByPhone(freshPhone(), 'Fay who waits')
  const gus = await correspondent('Gus who writes')
  const id = await converse(fay, gus)
  await withhold(page, MESSAGES)
  await page.reload()
  await expect(page.getByText('Part of Sotto couldn’t be loaded.')).toBeVisible()
  await gus.send(id, 'are you there?')
  await page.unroute(MESSAGES)

  await page.getByRole('button', { name: 'Try again' }).click()

  await fay.sees('are you there?')
  await fay.send('yes')
  expect((await gus.nextMessage()).text).toBe('yes')
  fay.forgiveFaults()
})

test('without its first script the page explains itself and offers a way to continue', async ({
  openProfile,
}) => {
  const fay = await openProfile()
  const { page } = fay
  const first = /\/assets\/base-.*\.js/
  await withhold(page, first)
  await page.reload()
  await expect(page.getByText('Sotto hasn’t started yet')).toBeVisible()
  await page.unroute(first)

  await page.getByRole('link', { name: 'Reload the page' }).click()

  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  fay.forgiveFaults()
})

test('a browser from 2023 can do everything', async ({ openProfile, correspondent }) => {
  const fay = await openProfile()
  const { page } = fay
  await page.addInitScript(forgetNewerFeatures)
  await page.reload()
  await fay.signUpByPhone(freshPhone(), 'Fay of 2023')
  const gus = await correspondent('Gus of today')
  const id = await converse(fay, gus)

  await gus.send(id, 'look: https://example.org/ \u{1f9d1}\u200d\u{1f4bb}')
  await expect(fay.message('look').getByRole('link')).toHaveAttribute(
    'href',
    'https://example.org/',
  )
  await fay.send('\u{1f44d}\u{1f3fd}')
  await expect(page.locator('[data-emoji=true]')).toHaveCount(1)
  await fay.openMessageMenu('look')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toBeHidden()
  await fay.openMessageMenu('look')
  await page.getByRole('heading', { level: 1, name: gus.name }).click()
  await expect(page.getByRole('menu')).toBeHidden()
  await page.goto('/')
  await fay.openConversation(gus.name)
  await fay.openMessageMenu('look')
  await page.getByRole('menuitem', { name: 'What the server sees' }).click()
  await expect(page.getByRole('complementary')).toBeVisible()
})

test('a message that cannot be shown is a line with a reason, and the rest still works', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.signUpByPhone(freshPhone(), 'Fay who reads on')
  const gus = await correspondent('Gus who is odd')
  const id = await converse(fay, gus)
  const { page } = fay
  await page.addInitScript(failOn, 'cannot be drawn')
  await page.reload()
  for (const text of ['one', 'this cannot be drawn', 'three']) await gus.send(id, text)

  await fay.sees('three')
  await fay.sees('one')
  const line = page.getByText('This message can’t be shown.')
  await expect(line).toHaveCount(1)
  await expect(page.getByText('injected fault')).toBeVisible()
  await fay.send('and so on')
  expect((await gus.nextMessage()).text).toBe('and so on')
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toContainText(gus.name)
  // The line fails each time it renders, so it must be gone before the console is checked.
  await page.goto('/#/settings')
  await expect(line).toHaveCount(0)
  fay.forgiveFaults()
})

test('a panel that cannot be shown says so, and can be closed', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.signUpByPhone(freshPhone(), 'Fay who closes')
  const gus = await correspondent('Gus without a panel')
  const id = await converse(fay, gus)
  const { page } = fay
  await page.evaluate(() => {
    const { focus } = HTMLElement.prototype
    HTMLElement.prototype.focus = function (options) {
      if (this.tagName === 'ASIDE' && this.ariaLabel !== 'Not available') {
        throw new Error('injected fault')
      }
      focus.call(this, options)
    }
  })

  await page.getByRole('link', { name: 'Safety number' }).click()

  const panel = page.getByRole('complementary')
  await expect(panel.getByText('This panel can’t be shown.')).toBeVisible()
  await expect(panel.getByText('injected fault')).toBeVisible()
  await gus.send(id, 'still here')
  await fay.sees('still here')
  await panel.getByRole('link', { name: 'Close panel' }).click()
  await expect(panel).toBeHidden()
  fay.forgiveFaults()
})

/** Removes features that the oldest supported browsers lack. */
function forgetNewerFeatures(): void {
  const forget = (object: object | undefined, ...names: string[]) => {
    for (const name of names) if (object) Reflect.deleteProperty(object, name)
  }
  forget(URL, 'parse', 'canParse')
  forget(Promise, 'withResolvers', 'try')
  forget(Map, 'groupBy')
  forget(Object, 'groupBy')
  forget(Array, 'fromAsync')
  forget(RegExp, 'escape')
  forget(String.prototype, 'isWellFormed', 'toWellFormed')
  forget(Intl, 'Segmenter', 'DurationFormat')
  forget(AbortSignal, 'any')
  forget(Uint8Array, 'fromBase64', 'fromHex')
  forget(Uint8Array.prototype, 'toBase64', 'toHex', 'setFromBase64', 'setFromHex')
  forget(HTMLElement.prototype, 'showPopover', 'hidePopover', 'togglePopover', 'popover')
  forget(Element.prototype, 'moveBefore')
  forget(Document.prototype, 'startViewTransition')
  forget(
    Set.prototype,
    ...['union', 'intersection', 'difference', 'symmetricDifference'],
    ...['isSubsetOf', 'isSupersetOf', 'isDisjointFrom'],
  )
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
  forget(
    iterators,
    ...['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some'],
    ...['every', 'find'],
  )
  forget(globalThis, 'Iterator', 'requestIdleCallback', 'scheduler')
}

/** Makes finding links fail for one text. */
function failOn(text: string): void {
  const { matchAll } = String.prototype
  String.prototype.matchAll = function (pattern) {
    if (this.includes(text)) throw new Error('injected fault')
    return matchAll.call(this, pattern)
  }
}
