import { converse, expect, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** Sends from each tab in turn, and waits only for the sending tab. */
async function sendInTurn(tabs: readonly Person[], tag: string, rounds: number): Promise<string[]> {
  const sent: string[] = []
  for (let round = 0; round < rounds; round++) {
    for (const [n, tab] of tabs.entries()) {
      const text = `${tag}, round ${round}, tab ${n}`
      await tab.send(text)
      await tab.sees(text)
      sent.push(text)
    }
  }
  return sent
}

const textsOf = (tab: Person) => tab.messages.locator('p').allTextContents()

test("three tabs show the same, and each one's messages arrive once and in order", async ({
  openProfile,
  correspondent,
}) => {
  const first = await openProfile()
  await first.signUpByPhone(freshPhone(), 'Tamsin of the three tabs')
  const ruth = await correspondent('Ruth of the tabs')
  const id = await converse(first, ruth)
  const tabs = [first, await first.anotherTab(), await first.anotherTab()]
  for (const tab of tabs) await tab.openConversation(ruth.name)

  const sent = await sendInTurn(tabs, 'in turn', 4)

  expect(await ruth.device.wholeHistory(id, sent.length)).toEqual(sent)
  await ruth.send(id, 'all of them are here')
  for (const tab of tabs) {
    await tab.sees('all of them are here')
    expect(await textsOf(tab)).toEqual([...sent, 'all of them are here'])
    await expect(tab.messages.filter({ has: tab.page.locator('[data-mark=failed]') })).toHaveCount(
      0,
    )
  }
  expect(ruth.device.notices(id)).toEqual([])
})

test('when the tab that owns the client is closed while another sends, the others continue', async ({
  openProfile,
  correspondent,
}) => {
  const first = await openProfile()
  await first.signUpByPhone(freshPhone(), 'Tamsin who closes a tab')
  const ruth = await correspondent('Ruth of the closed tab')
  const id = await converse(first, ruth)
  const second = await first.anotherTab()
  const third = await first.anotherTab()
  for (const tab of [second, third]) await tab.openConversation(ruth.name)

  const sent: string[] = []
  let closed: Promise<void> | undefined
  for (let n = 0; n < 12; n++) {
    const text = `while a tab closes, ${n}`
    await second.send(text)
    sent.push(text)
    if (n === 4) closed = first.page.close()
  }
  await closed

  expect(await ruth.device.wholeHistory(id, sent.length)).toEqual(sent)
  const later = await sendInTurn([third, second], 'without the first', 2)
  expect(await ruth.device.wholeHistory(id, sent.length + 4)).toEqual([...sent, ...later])
  await ruth.send(id, 'you are still there')
  for (const tab of [second, third]) await tab.sees('you are still there')
  expect(ruth.device.notices(id)).toEqual([])
})

test('when the tab that owns the client crashes, the others continue', async ({
  openProfile,
  correspondent,
}) => {
  const first = await openProfile()
  await first.signUpByPhone(freshPhone(), 'Tamsin whose tab crashes')
  const ruth = await correspondent('Ruth of the crashed tab')
  const id = await converse(first, ruth)
  const second = await first.anotherTab()
  await second.openConversation(ruth.name)
  await first.send('before the crash')
  await second.sees('before the crash')

  const crashed = first.page.waitForEvent('crash')
  await Promise.all([crashed, first.page.goto('chrome://crash').catch(() => {})])
  const sent = await sendInTurn([second], 'after the crash', 3)

  expect(await ruth.device.wholeHistory(id, 4)).toEqual(['before the crash', ...sent])
  expect(ruth.device.notices(id)).toEqual([])
})

test('logging out in one tab shows in the other, and so does logging in', async ({
  openProfile,
}) => {
  const first = await openProfile()
  const phone = freshPhone()
  await first.signUpByPhone(phone, 'Tamsin who leaves')
  const second = await first.anotherTab()
  await expect(second.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()

  await second.page.goto('/#/settings/leave')
  await second.page.getByRole('button', { name: 'Log out', exact: true }).click()

  for (const { page } of [first, second]) {
    await expect(page.getByRole('link', { name: 'Continue with phone' })).toBeVisible()
  }

  await first.logInByPhone(phone)
  for (const { page } of [first, second]) {
    await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  }
})
