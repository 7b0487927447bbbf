import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/suite.ts'

test('the protocols are measured in the browser, and the figures can be saved', async ({
  openProfile,
}) => {
  const zack = await openProfile()
  const { page } = zack
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await zack.signUpByPhone(freshPhone(), 'Zack who counts')
  await page.goto('/#/settings')
  await page.getByRole('link', { name: /Encryption speed/ }).click()
  await look(page, 'speed')
  await page.getByRole('radio', { name: 'Up to 100', exact: true }).check()
  const before = zack.traffic.length

  await page.getByRole('button', { name: 'Measure' }).click()

  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Done.')
  const table = page.getByRole('table')
  await expect(table).toHaveCount(1)
  await expect(table.getByRole('row')).toHaveCount(10)
  const ecdh = table.getByRole('row', { name: /^ecdh, whole message/ })
  await expect(ecdh.getByRole('cell')).toHaveText([
    /^~?[\d.]+ (ms|s)× \d+\.\d+$/,
    /^~?[\d.]+ (ms|s)× \d+\.\d+$/,
  ])
  await page.getByText('10 messages, one after another').click()
  await expect(table).toHaveCount(2)

  await look(page, 'speed-measured')
  await page.getByRole('button', { name: 'Copy as CSV' }).click()
  const csv = await page.evaluate(() => navigator.clipboard.readText())
  expect(csv.trim().split('\n')).toHaveLength(1 + 9 * 2 * 2)
  // A slow machine measures only some of 100 messages, and says so.
  expect(csv).toMatch(/"ecdh, whole message",encrypt,100,100,\d+,[\d.]+,[\d.]+,\d+\.\d+/)
  await page.getByRole('button', { name: 'Copy as JSON' }).click()
  const json = await page.evaluate(() => navigator.clipboard.readText())
  expect(JSON.parse(json).environment.runtime).toMatch(/^(Chromium|HeadlessChrome) \d+/)
  // Nothing about it left the browser.
  expect(zack.traffic.slice(before).join()).not.toContain('microseconds')
})

test('the benchmark can be stopped, and the page stays responsive', async ({ openProfile }) => {
  const zora = await openProfile()
  const { page } = zora
  await zora.signUpByPhone(freshPhone(), 'Zora in a hurry')
  await page.goto('/#/settings/speed')
  await page.getByRole('button', { name: 'Measure' }).click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.evaluate(async () => {
    for (let frames = 0; frames < 60; frames++) await new Promise(requestAnimationFrame)
  })
  await expect(page.getByRole('progressbar')).toBeVisible()

  await page.getByRole('button', { name: 'Stop' }).click()

  await expect(page.getByRole('main').getByRole('status')).toHaveText(/^Stopped/)
  await expect(page.getByRole('button', { name: 'Measure again' })).toBeVisible()
  await expect.poll(() => page.workers()).toHaveLength(0)
})
