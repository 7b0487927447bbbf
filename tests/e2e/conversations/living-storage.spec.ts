import type { Page } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** Records the databases that the app opens, so that a test can close them. */
function keepDatabases(): void {
  const kept: IDBDatabase[] = []
  Object.assign(globalThis, { kept })
  const { open } = IDBFactory.prototype
  IDBFactory.prototype.open = function (name, version) {
    const request = open.call(this, name, version)
    request.addEventListener('success', () => kept.push(request.result))
    return request
  }
}

/** Acts like a browser that ends the process behind the storage, with or without notice. */
const closeUnder = (page: Page, isTold: boolean) =>
  page.evaluate((told) => {
    const { kept } = globalThis as unknown as { kept: IDBDatabase[] }
    const database = kept.at(-1)
    database?.close()
    if (told) database?.dispatchEvent(new Event('close'))
  }, isTold)

/** Acts like another version of the app in another tab. */
async function upgradeElsewhere({ context }: Person): Promise<void> {
  const other = await context.newPage()
  await other.goto('/icon.svg')
  await other.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('sotto', 1000)
        opening.onsuccess = resolve
        opening.onerror = reject
      }),
  )
  await other.close()
}

/** Acts like a person who clears site data in the browser's settings. */
async function clearSiteData({ context, page }: Person): Promise<void> {
  const session = await context.newCDPSession(page)
  const { origin } = new URL(page.url())
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
}

const alert = ({ page }: Person) => page.getByRole('alert').filter({ hasText: 'Until then' })

for (const [how, isTold] of [
  ['without notice', false],
  ['with notice', true],
] as const) {
  test(`a storage that closes ${how} is reopened, and nothing is lost or sent twice`, async ({
    openProfile,
    correspondent,
  }) => {
    // Tall enough for all messages, because messages out of view aren't rendered.
    const fay = await openProfile({ viewport: { width: 1280, height: 1600 } })
    await fay.page.addInitScript(keepDatabases)
    await fay.page.reload()
    await fay.signUpByPhone(freshPhone(), 'Fay who stays')
    const gus = await correspondent(`Gus who stays ${how}`)
    const id = await converse(fay, gus)
    const hers: string[] = []

    for (let n = 0; n < 7; n++) {
      hers.push(`hers, ${n}`)
      await fay.send(`hers, ${n}`)
      await gus.send(id, `his, ${n}`)
      if (n % 3 === 1) await closeUnder(fay.page, isTold)
    }

    await fay.sees('his, 6')
    const his = hers.map((text) => text.replace('hers', 'his'))
    const all = await gus.device.wholeHistory(id, 14)
    expect(all.filter((text) => text.startsWith('hers'))).toEqual(hers)
    expect(all.filter((text) => text.startsWith('his'))).toEqual(his)
    await expect(fay.messages).toHaveCount(14)
    await expect(alert(fay)).toHaveCount(0)
    await fay.page.reload()
    await fay.openConversation(gus.name)
    await expect(fay.messages).toHaveCount(14)
    expect(gus.device.notices(id)).toEqual([])
  })
}

test('when another tab has upgraded the storage, every tab asks for a reload', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.signUpByPhone(freshPhone(), 'Fay of the old version')
  const gus = await correspondent('Gus who writes on')
  const id = await converse(fay, gus)
  const tab = await fay.anotherTab()
  await tab.openConversation(gus.name)

  await upgradeElsewhere(fay)

  for (const one of [fay, tab]) {
    await expect(alert(one)).toContainText('a newer version of Sotto')
    await expect(one.page.getByRole('button', { name: 'Reload' })).toBeVisible()
  }
  await fay.send('not lost')
  await expect(fay.composer).toHaveValue('not lost')
  await expect(fay.page.locator('form').filter({ has: fay.composer })).toContainText(
    'a newer version',
  )
  await gus.commands.send(id, 'to nobody yet')
  await look(fay.page, 'storage-newer')
  expect(gus.device.messages(id).find(({ text }) => text === 'to nobody yet')?.status).not.toBe(
    'delivered',
  )
  fay.forgiveFaults()
})

test('when stored data is deleted under it, the page says so and keeps the draft', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.signUpByPhone(freshPhone(), 'Fay who clears')
  const gus = await correspondent('Gus of the cleared')
  const id = await converse(fay, gus)
  await fay.send('before')
  await fay.composer.fill('half a thought')

  await clearSiteData(fay)

  await expect(alert(fay)).toContainText('was deleted')
  await expect(fay.composer).toHaveValue('half a thought')
  await gus.commands.send(id, 'to nobody yet')
  await fay.composer.press('Enter')
  await expect(fay.composer).toHaveValue('half a thought')
  await look(fay.page, 'storage-cleared')
  await fay.page.getByRole('button', { name: 'Reload' }).click()
  await expect(fay.page.getByText('This browser deleted Sotto’s data.')).toBeVisible()
  fay.forgiveFaults()
})
