import type { BrowserContext, Page } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/correspondents.ts'
import { cannotStart, starts } from './start-page.ts'

/** A page of the same origin that isn't the app. */
async function besideTheApp(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto('/icon.svg')
  return page
}

test('storage that a newer version has changed is left alone, and the page says so', async ({
  openProfile,
}) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.goto('/icon.svg')
  await fay.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('sotto', 1000)
        opening.onsuccess = resolve
        opening.onerror = reject
      }),
  )

  await fay.page.goto('/')

  await expect(cannotStart(fay.page)).toBeVisible()
  await expect(fay.page.getByRole('alert')).toContainText('a newer version of Sotto')
  await look(fay.page, 'start-newer-storage')
  fay.forgiveFaults()
})

test('a tab that takes over the client and cannot open it says so', async ({ openProfile }) => {
  const first = await openProfile()
  await first.signUpByPhone(freshPhone(), 'Fay of two tabs')
  const second = await first.anotherTab()
  await expect(second.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  await second.page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Internal error.', 'UnknownError')
    }
  })

  await first.page.close()

  await expect(cannotStart(second.page)).toBeVisible()
  await expect(second.page.getByRole('alert')).toContainText('browser’s storage')
  first.forgiveFaults()
})

test('a tab that gets no answer from the owning tab says what to do', async ({ openProfile }) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.goto('/icon.svg')
  const frozen = await besideTheApp(fay.context)
  await frozen.evaluate(
    () => void navigator.locks.request('sotto-leader', () => new Promise(() => {})),
  )

  await fay.page.goto('/')

  await expect(fay.page.getByText('that isn’t responding')).toBeVisible()
  await frozen.close()
  await expect(starts(fay.page)).toBeVisible()
  fay.forgiveFaults()
})

test('storage that does not respond is reported', async ({ openProfile }) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.addInitScript(() => {
    // One connection that doesn't yield, and one that waits for it. The reference keeps browsers from closing the first
    // as unused.
    const { open } = IDBFactory.prototype
    Object.assign(window, { held: open.call(indexedDB, 'another', 1) })
    IDBFactory.prototype.open = () => open.call(indexedDB, 'another', 2)
  })
  await fay.page.reload()
  await expect(fay.page.getByText('This browser’s storage isn’t responding.')).toBeVisible()
  fay.forgiveFaults()
})
