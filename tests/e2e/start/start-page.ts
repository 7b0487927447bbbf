import type { Page } from '@playwright/test'

/** What the first page shows, if the app starts and if it can't. */

export const starts = (page: Page) => page.getByRole('link', { name: 'Continue with phone' })

export const cannotStart = (page: Page) =>
  page.getByRole('heading', { name: 'Sotto can’t start here' })
