import type { Page } from '@playwright/test'
import { expect, freshPhone, test } from '../people/correspondents.ts'

const wordsOf = (language: string) => new RegExp(`/assets/${language}-(start|inside)-`)

/** Whether the page has requested any words of a language. */
function watchFor(page: Page, language: string): () => boolean {
  let isAsked = false
  page.on('request', (request) => {
    isAsked ||= wordsOf(language).test(request.url())
  })
  return () => isAsked
}

test("the app uses the browser's language, and loads no other", async ({ openProfile }) => {
  const greta = await openProfile({ locale: 'de-AT' })
  const { page } = greta
  const asksEnglish = watchFor(page, 'en')

  await page.reload()

  await expect(page.getByRole('link', { name: 'Weiter mit Telefonnummer' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr')
  expect(asksEnglish()).toBe(false)
})

test('the app falls back to English for a language that it does not have', async ({
  openProfile,
}) => {
  const { page } = await openProfile({ locale: 'fi-FI' })

  await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})

test('a language chosen in the settings takes effect immediately, in every tab, and persists', async ({
  openProfile,
}) => {
  const hanna = await openProfile()
  const { page } = hanna
  await hanna.signUpByPhone(freshPhone(), 'Hanna of two languages')
  const tab = await hanna.anotherTab()
  await page.goto('/#/settings/appearance')

  await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true })

  await expect(page.getByRole('heading', { name: 'Darstellung' })).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeChecked()
  await expect(tab.page.getByRole('navigation', { name: 'Unterhaltungen' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Darstellung' })).toBeVisible()
  await page.getByRole('radio', { name: 'Sprache des Browsers' }).check({ force: true })
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible()
})

test('a language that fails to load leaves the previous one in place, and says so', async ({
  openProfile,
}) => {
  const ida = await openProfile()
  const { page } = ida
  await ida.signUpByPhone(freshPhone(), 'Ida on a train')
  await page.goto('/#/settings/appearance')
  await page.route(wordsOf('de'), (route) => route.abort())

  await page.getByRole('radio', { name: 'Deutsch' }).click({ force: true })

  await expect(page.getByRole('alert')).toContainText('The server can’t do this right now.')
  await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible()
  await page.unroute(wordsOf('de'))
  await page.getByRole('radio', { name: 'Deutsch' }).check({ force: true })
  await expect(page.getByRole('heading', { name: 'Darstellung' })).toBeVisible()
  ida.forgiveFaults()
})
