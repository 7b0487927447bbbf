import type { Page } from '@playwright/test'
import { DisplayName } from '@sotto/wire'
import { hostileMarkup, hostileStrings } from '../../hostile/hostile-strings.ts'
import { makePictureBomb, makePng } from '../../services/made-pictures.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'

const BATCH = 30
/** The places where a name is shown: the conversation's header, the list, and the panel. */
const NAME_PLACES = 'h1 bdi, [data-row] bdi:first-child, aside h3 bdi'

/** Well-formed text that an honest client sends. */
const texts = [...hostileStrings, ...hostileMarkup].filter(
  (text) => text !== '' && text.isWellFormed(),
)
const names = [...hostileStrings, ...hostileMarkup].filter(
  (name) => DisplayName.safeParse(name).success,
)

/** Detects side effects of hostile text in the page. */
async function watch(page: Page): Promise<() => Promise<unknown>> {
  const before = await page.evaluate(() => {
    const watched = window as typeof window & { longestTaskMs?: number; violations?: string[] }
    watched.longestTaskMs = 0
    watched.violations = []
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        watched.longestTaskMs = Math.max(watched.longestTaskMs ?? 0, duration)
      }
    }).observe({ type: 'longtask' })
    addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
      watched.violations?.push(violatedDirective),
    )
    return Object.getOwnPropertyNames(Object.prototype)
  })
  return async () => {
    const after = await page.evaluate(() => {
      const { longestTaskMs, violations } = window as typeof window & {
        longestTaskMs?: number
        violations?: string[]
      }
      return {
        prototype: Object.getOwnPropertyNames(Object.prototype),
        inherited: (() => {
          const found = []
          for (const key in {}) found.push(key)
          return found
        })(),
        elements: document.querySelectorAll(
          'iframe, object, embed, base, style, video, audio, img, math, marquee, form:not([class])',
        ).length,
        violations,
        isQuick: (longestTaskMs ?? 0) < 1000,
      }
    })
    expect(after).toEqual({
      prototype: before,
      inherited: [],
      elements: 0,
      violations: [],
      isQuick: true,
    })
    return after
  }
}

/** The last messages as they appear in the page, with every element in them. */
async function readLast(page: Page, count: number) {
  return page.evaluate((last) => {
    const articles = [...document.querySelectorAll('[data-testid=message]')].slice(-last)
    return articles.map((article) => {
      const text = article.querySelector('p')
      const inside = [...(text?.querySelectorAll('*') ?? [])]
      const strange = inside.filter((element) => {
        if (element.tagName === 'CODE') return element.attributes.length > 2
        const isLink =
          element instanceof HTMLAnchorElement &&
          ['http:', 'https:', 'mailto:'].includes(element.protocol) &&
          element.rel === 'noopener noreferrer' &&
          element.target === '_blank'
        return !isLink
      })
      return { text: text?.textContent ?? null, strange: strange.map(({ outerHTML }) => outerHTML) }
    })
  }, count)
}

test('hostile text is shown as plain text', async ({ openProfile, correspondent }) => {
  // High enough to render a whole batch at the same time.
  const vera = await openProfile({ viewport: { width: 1280, height: 6000 } })
  await vera.signUpByPhone(freshPhone(), 'Vera who reads anything')
  const mallory = await correspondent('Mallory')
  const id = await converse(vera, mallory)
  const check = await watch(vera.page)

  for (let start = 0; start < texts.length; start += BATCH) {
    const batch = texts.slice(start, start + BATCH)
    for (const text of batch) await mallory.commands.send(id, text)
    const end = `the end of the batch at ${start}`
    await mallory.commands.send(id, end)
    await vera.sees(end)
    for (const fold of await vera.page.getByRole('button', { name: /^Show all/ }).all()) {
      await fold.click()
    }
    const shown = (await readLast(vera.page, batch.length + 1)).slice(0, -1)
    expect(shown).toEqual(batch.map((text) => ({ text, strange: [] })))
  }
  await check()
})

test('hostile names are shown as plain text', async ({ openProfile, correspondent }) => {
  const vera = await openProfile()
  const { page } = vera
  await vera.signUpByPhone(freshPhone(), 'Vera who meets anybody')
  const mallory = await correspondent('Mallory of many names')
  await converse(vera, mallory)
  await page.getByRole('link', { name: 'Safety number', exact: true }).click()
  const check = await watch(page)
  expect(names.length).toBeGreaterThan(300)

  for (const name of names) {
    await mallory.commands.updateProfile({ name, picture: null })
    const shown = Array(3).fill(escaped(name))
    // Checked in every frame, which is faster than `expect.poll`.
    await page.waitForFunction(isShown, [NAME_PLACES, ...shown]).catch(() => {})
    const places = page.locator(NAME_PLACES)
    expect(await places.evaluateAll((all) => all.map(({ innerHTML }) => innerHTML))).toEqual(shown)
  }
  await check()
})

test('a chosen file that would exhaust memory is not opened', async ({ openProfile }) => {
  const vera = await openProfile()
  await vera.signUpByPhone(freshPhone(), 'Vera who was sent a file')
  await vera.page.goto('/#/settings/profile')
  const input = vera.page.locator('input[type=file]').first()
  const choose = (bytes: Uint8Array) =>
    input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from(bytes) })

  await choose(makePictureBomb())
  await expect(vera.page.getByText('Choose a PNG, JPEG, or WebP picture')).toBeVisible()
  await choose(makePng({ width: 300, height: 200 }))
  await expect(vera.page.getByRole('button', { name: 'Change picture' })).toBeVisible()
})

/** How a browser serializes text without elements. */
const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('\u00a0', '&nbsp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const isShown = ([places = '', ...shown]: string[]) => {
  const found = [...document.querySelectorAll(places)].map(({ innerHTML }) => innerHTML)
  return found.join() === shown.join()
}
