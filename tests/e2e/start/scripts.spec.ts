import { look } from '../looks/looks.ts'
import { expect, test } from '../people/correspondents.ts'

test('a browser that cannot parse the scripts is immediately reported as too old', async ({
  openProfile,
}) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route(/\/assets\/index-.*\.js/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'const a = #b ||| c' }),
  )
  await page.reload()

  await expect(page.getByRole('heading')).toHaveText('This browser is too old for Sotto')
  await expect(page.getByRole('main')).toHaveClass(/at-once/)
  await expect(page.getByRole('main')).toContainText('Chrome or Edge 111, Firefox 115')
  await look(page, 'start-too-old')
  fay.forgiveFaults()
})

test('a script that does not load is reported immediately', async ({ openProfile }) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route(/\/assets\/base-/, (route) => route.fulfill({ status: 404 }))
  await page.reload()

  await expect(page.getByRole('heading')).toHaveText('Sotto hasn’t started yet')
  await expect(page.getByRole('main')).toHaveClass(/at-once/)
  await expect(page.getByRole('main')).toContainText('Not loaded:')
  await look(page, 'start-not-loaded')
  fay.forgiveFaults()
})

test('without scripting, the page says that it needs it', async ({ openProfile }) => {
  const fay = await openProfile({ javaScriptEnabled: false })

  await expect(fay.page.locator('noscript h1')).toHaveText('Sotto needs JavaScript')
  await expect(fay.page.locator('noscript h1')).toBeVisible()
  await expect(fay.page.getByText('hasn’t started yet')).toBeHidden()
})
