import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/correspondents.ts'

test.use({ settings: { NEW_KEYS_DELAY_HOURS: '24' } })

test('people learn of a new device, and remove one that they do not recognize', async ({
  openProfile,
}) => {
  const nora = await openProfile()
  const phone = freshPhone()
  await nora.signUpByPhone(phone, 'Nora with two browsers')
  const other = await openProfile()
  await other.logInByPhone(phone)
  await other.unlock(nora.recoveryCode)

  const { page } = nora
  await expect(page.getByText('A new device can read and send your messages.')).toBeVisible()
  await look(page, 'new-device')
  await page.getByRole('link', { name: 'Review my devices' }).click()
  const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem')
  await expect(devices).toHaveCount(2)
  await expect(devices.filter({ hasText: 'this one' })).toHaveCount(1)
  await look(page, 'devices-new')
  await devices
    .filter({ hasText: 'new' })
    .getByRole('button', { name: /^Remove / })
    .click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()

  await expect(devices).toHaveCount(1)
  await expect(page.getByText('A new device can read and send your messages.')).toHaveCount(0)
  await other.isLoggedOut()
  await look(other.page, 'removed-elsewhere')
})

test('after a theft the keys are renewed in one step, and the other devices say so', async ({
  openProfile,
}) => {
  const mira = await openProfile()
  const phone = freshPhone()
  await mira.signUpByPhone(phone, 'Mira with a stolen laptop')
  const other = await openProfile()
  await other.logInByPhone(phone)
  await other.unlock(mira.recoveryCode)
  const { page } = mira
  await page.getByRole('link', { name: 'Review my devices' }).click()
  const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem')
  await expect(devices).toHaveCount(2)
  await page.getByRole('button', { name: /^This device was stolen/ }).click()
  const renew = page.getByRole('button', { name: 'Renew my keys' })
  await expect(renew).toBeVisible()
  await look(page, 'device-stolen')

  await renew.click()

  await expect(page.getByRole('heading', { name: 'Your new recovery code' })).toBeVisible()
  await look(page, 'renewed-code')
  const formerCode = mira.recoveryCode
  await mira.keepRecoveryCode()
  expect(mira.recoveryCode).not.toBe(formerCode)
  await expect(page.getByText(/^Your keys were renewed here/)).toBeVisible()
  await expect(devices).toHaveCount(1)
  await look(page, 'devices-renewed')

  const told = other.page.getByText('Your keys were renewed because a device was stolen.')
  await expect(told.or(other.page.getByText('You’ve been logged out.'))).toBeVisible()
  other.forgive(401)
  await other.logInByPhone(phone)
  await expect(told).toBeVisible()
  await look(other.page, 'renewed-elsewhere')
  // It tried with its keys, and learned why they are no longer valid.
  other.forgive(400)
  await other.unlock(mira.recoveryCode)
  await expect(told).toHaveCount(0)
})

test('people who are logged in never see a log-in page, whatever the address says', async ({
  openProfile,
}) => {
  const rosa = await openProfile()
  await rosa.signUpByPhone(freshPhone(), 'Rosa who types addresses')
  const { page } = rosa
  for (const way of ['sign-up/phone', 'sign-up/email', 'log-in', 'forgot-password', 'join/me']) {
    await page.evaluate((place) => {
      location.hash = `#/${place}`
    }, way)
    await expect(page).toHaveURL(/#\/$/)
  }
})

test('with only a log-in, new keys have to wait, and a device can stop them', async ({
  openProfile,
}) => {
  const olga = await openProfile()
  const phone = freshPhone()
  await olga.signUpByPhone(phone, 'Olga at her desk')
  const stranger = await openProfile()
  await stranger.logInByPhone(phone)
  await stranger.page.getByRole('button', { name: 'I don’t have my code' }).click()
  await stranger.page.getByLabel('Name', { exact: true }).fill('Olga')
  await stranger.page.getByLabel('Type “new keys” to continue').fill('new keys')
  await stranger.page.getByRole('button', { name: 'Start with new keys' }).click()

  const waits = stranger.page.getByRole('heading', { name: 'Your new keys are waiting' })
  await expect(waits).toBeVisible()
  await expect(stranger.page.getByRole('timer')).toContainText(/^2[34] hours/)
  await look(stranger.page, 'new-keys-wait')
  const { page } = olga
  const told = page.getByText('Someone wants to start your account with new keys.')
  await expect(told).toBeVisible()
  await look(page, 'waiting-keys')
  await page.goto('/#/settings/devices')
  const logIns = page.getByRole('list', { name: 'Sessions without your keys' })
  await expect(logIns.getByRole('listitem')).toHaveCount(1)
  await look(page, 'devices-log-in')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(told).toHaveCount(0)

  await stranger.page.reload()
  await expect(stranger.page.getByText('Your new keys were stopped.')).toBeVisible()
  await look(stranger.page, 'new-keys-stopped')
  stranger.forgive(409)
})
