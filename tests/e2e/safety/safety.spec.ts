import { expect, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** The safety number as it appears in the open panel. */
async function readNumber({ page }: Person, name = 'Safety number'): Promise<string> {
  const groups = page.getByRole('list', { name, exact: true }).getByRole('listitem')
  await expect(groups).toHaveCount(12)
  return (await groups.allTextContents()).join(' ')
}

async function openSafetyNumber({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: 'Safety number', exact: true }).click()
  await expect(page.getByRole('complementary', { name: 'Contact' })).toBeVisible()
}

const qrOf = ({ page }: Person) =>
  page.getByRole('img', { name: /^Safety number with .* as a QR code$/ })

test('safety numbers match on both sides, and a changed key blocks sending until the person decides', async ({
  openProfile,
}) => {
  const alice = await openProfile()
  const bob = await openProfile()
  const bobsPhone = freshPhone()
  await alice.signUpByPhone(freshPhone(), 'Alice who compares')
  await bob.signUpByPhone(bobsPhone, 'Bob who loses his keys')
  await alice.startConversation('Bob who loses his keys', 'ecdh')
  await alice.send('before the change')
  await bob.acceptRequest()

  const number = await test.step('the same number and the same QR code', async () => {
    await openSafetyNumber(alice)
    await openSafetyNumber(bob)
    const digits = await readNumber(alice)
    expect(digits).toMatch(/^(\d{5} ){11}\d{5}$/)
    expect(await readNumber(bob)).toBe(digits)
    await expect(qrOf(alice)).toBeVisible()
    const drawing = await qrOf(alice).locator('path').getAttribute('d')
    expect(await qrOf(bob).locator('path').getAttribute('d')).toBe(drawing)
    return digits
  })

  const head = alice.page
    .getByRole('main')
    .getByRole('banner')
    .or(alice.page.locator('main header'))
  await test.step('the mark appears', async () => {
    await alice.page.getByRole('button', { name: 'Mark as verified' }).click()
    await expect(alice.page.getByText('Verified by you')).toBeVisible()
    await expect(head.first()).toContainText('verified')
  })

  const bobAnew = await openProfile()
  await test.step('Bob starts over with new keys', async () => {
    await bobAnew.logInByPhone(bobsPhone)
    await bobAnew.startWithNewKeys('Bob who loses his keys')
    await expect(bobAnew.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  })

  await test.step('Alice cannot send', async () => {
    await expect(alice.page.getByText('Bob who loses his keys’s key has changed.')).toBeVisible()
    await expect(alice.composer).toBeHidden()
    await expect(head.first()).toContainText('new key')
    await expect(head.first()).not.toContainText('verified')
    await expect(alice.page.getByText('Verified by you')).toBeHidden()
    await expect(alice.page.getByRole('button', { name: 'Mark as verified' })).toBeDisabled()
    await expect(alice.page.getByTestId('notice-key_changed')).toBeVisible()
  })

  await test.step('she looks, and may decide later', async () => {
    await alice.page.getByRole('button', { name: 'Review new key' }).click()
    const changed = await readNumber(alice, 'New safety number')
    expect(changed).not.toBe(number)
    await bobAnew.openConversation('Alice who compares')
    await openSafetyNumber(bobAnew)
    expect(await readNumber(bobAnew)).toBe(changed)
    await alice.page.getByRole('button', { name: 'Not now' }).click()
    await alice.page.reload()
    await expect(alice.page.getByRole('button', { name: 'Review new key' })).toBeVisible()
    await expect(alice.composer).toBeHidden()
  })

  await test.step('she continues, and the person is no longer verified', async () => {
    await alice.page.getByRole('button', { name: 'Review new key' }).click()
    await alice.page.getByRole('button', { name: 'Continue with the new key' }).click()
    await alice.send('after the change')
    await bobAnew.sees('after the change')
    await expect(alice.page.getByRole('button', { name: 'Mark as verified' })).toBeEnabled()
    await expect(alice.page.getByText('Verified by you')).toBeHidden()
    await bobAnew.send('it is me again')
    await alice.sees('it is me again')
  })

  await test.step('the browser with the old keys is logged out', async () => {
    await bob.isLoggedOut()
  })
})

test('a request stays hidden until the person opens it; declining and blocking are permanent', async ({
  openProfile,
  correspondent,
}) => {
  const alice = await openProfile()
  const { page } = alice
  await alice.signUpByPhone(freshPhone(), 'Alice who is asked')
  const carol = await correspondent('Carol the unknown')
  const [found] = (await carol.commands.listPeople('Alice who is asked', null)).people
  if (!found) throw new Error('Alice is not in the list of members')
  const id = await carol.commands.startConversation(found.accountId, 'ecdh')
  await carol.send(id, 'the words of a stranger')

  await test.step('hidden', async () => {
    await page.getByRole('link', { name: /Someone new/ }).click()
    await expect(page.getByText('Someone new wants to message you')).toBeVisible()
    const content = await page.content()
    expect(content).not.toContain('Carol')
    expect(content).not.toContain('the words of a stranger')
  })

  await test.step('shown, and declined', async () => {
    await page.getByRole('button', { name: 'Show request' }).click()
    await alice.sees('the words of a stranger')
    await expect(page.getByRole('heading', { name: 'Carol the unknown', level: 1 })).toBeVisible()
    await page.getByRole('button', { name: 'Decline' }).click()
    await expect(page.getByText('You declined this conversation.')).toBeVisible()
    const refused = await carol.commands.send(id, 'but why?')
    await carol.device.message(id, (one) => one.id === refused && one.status === 'failed')
    await carol.commands.discard(id, refused)
  })

  await test.step('accepted after all, then blocked from the panel', async () => {
    await page.getByRole('button', { name: 'Accept' }).click()
    await expect(alice.composer).toBeVisible()
    await carol.send(id, 'thank you')
    await alice.sees('thank you')
    await openSafetyNumber(alice)
    await page.getByRole('button', { name: 'Block' }).click()
    await expect(page.getByText('You blocked Carol the unknown.')).toBeVisible()
    const refused = await carol.commands.send(id, 'hello?')
    await carol.device.message(id, (one) => one.id === refused && one.status === 'failed')
    await expect(alice.message('hello?')).toHaveCount(0)
    await carol.commands.discard(id, refused)
  })

  await test.step('unblocked in the settings', async () => {
    await page.goto('/#/settings/blocked')
    await expect(page.getByRole('listitem').getByText('Carol the unknown')).toBeVisible()
    await page.getByRole('button', { name: 'Unblock' }).click()
    await expect(page.getByText('You haven’t blocked anyone')).toBeVisible()
    await alice.openConversation('Carol the unknown')
    await carol.send(id, 'I shall be brief')
    await alice.sees('I shall be brief')
    expect(await carol.device.wholeHistory(id, 3)).toEqual([
      'the words of a stranger',
      'thank you',
      'I shall be brief',
    ])
    expect(carol.device.notices(id)).toEqual([])
  })
  await expect(page.locator('[data-testid^=notice]')).toHaveCount(0)
})
