import type { Locator, Page } from '@playwright/test'
import { look, problemsOf } from '../looks/looks.ts'
import { converse, expect, freshEmail, freshPhone, test } from '../people/correspondents.ts'

const settingsPages = [
  '',
  'profile',
  'appearance',
  'writing',
  'privacy',
  'recovery',
  'rsa-key',
  'devices',
  'storage',
  'blocked',
  'speed',
  'leave',
]

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })

test('problems are found', async ({ openProfile }) => {
  const { page } = await openProfile()
  await expect(page.getByRole('heading')).toBeVisible()
  expect(await problemsOf(page)).toEqual([])
  await page.evaluate(() => {
    for (const style of ['color: #888; background: #999', 'min-width: 2000px']) {
      const planted = document.createElement('p')
      planted.style.cssText = style
      planted.textContent = 'planted'
      document.querySelector('main')?.prepend(planted)
    }
    document.querySelector('main')?.append(document.createElement('button'))
  })

  const found = await problemsOf(page)

  expect(found).toEqual([
    expect.stringContaining('button-name'),
    expect.stringContaining('color-contrast'),
    expect.stringContaining('px wide'),
  ])
  expect(await problemsOf(page, ['color-contrast'])).toHaveLength(2)
})

test('signing up and logging in', async ({ openProfile, server }) => {
  const walter = await openProfile()
  const { page } = walter
  const phone = freshPhone()
  await look(page, 'welcome')

  await page.getByRole('link', { name: 'Log in' }).click()
  await look(page, 'log-in')
  await page.getByRole('link', { name: 'Forgot your password' }).click()
  await look(page, 'forgotten-password')
  const email = freshEmail('walter')
  await page.goto('/#/sign-up/email')
  await page.getByLabel('Email address').fill(email)
  await look(page, 'sign-up-email')
  await button(page, 'Send code').click()
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(email))
  await page.getByLabel('Password', { exact: true }).fill('too short')
  await button(page, 'Set password').click()
  await look(page, 'new-password')

  await page.goto('/#/sign-up/phone')
  await page.reload()
  await page.getByLabel('Phone number').fill('+49 1')
  await button(page, 'Send code').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await look(page, 'sign-up-phone')
  walter.forgive(400)
  await page.getByLabel('Phone number').fill(phone)
  await button(page, 'Send code').click()
  await page.getByLabel('Code', { exact: true }).waitFor()
  await look(page, 'code')
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(phone))
  await page.getByLabel('Name', { exact: true }).fill('Walter Wieland')
  await look(page, 'profile')
  await page.getByRole('switch', { name: /RSA key/ }).click()
  await button(page, 'Continue').click()
  await button(page, 'I saved it').waitFor()
  await look(page, 'recovery-code')
  await button(page, 'I saved it').click()
  await look(page, 'confirm-recovery-code')
  await button(page, 'Show the code again').click()
  await walter.keepRecoveryCode()
  await page.getByLabel('Passphrase for the file').waitFor()
  await look(page, 'keep-key')
  await button(page, 'Without a passphrase…').click()
  await page.getByRole('dialog').waitFor()
  await look(page, 'unencrypted-key')
  await button(page, 'Cancel').click()
  await page.getByRole('link', { name: 'Not now' }).click()
  await page.getByText('No conversations yet').waitFor()
  await look(page, 'no-conversations')

  const second = await openProfile()
  await second.logInByPhone(phone)
  await second.page.getByLabel('Recovery code').waitFor()
  await look(second.page, 'locked')
  await button(second.page, 'I don’t have my code').click()
  await look(second.page, 'without-the-code')
})

test('conversations', async ({ openProfile, correspondent, server }) => {
  const wanda = await openProfile()
  const { page } = wanda
  await wanda.signUpByPhone(freshPhone(), 'Wanda Winter')
  const names = [
    'Ida',
    'Maximiliane Freifrau von und zu Hohenstein-Wolkenburg am See',
    'نور الهدى عبد الرحمن',
    'Sven Ångström',
  ]
  for (const name of names) {
    const other = await correspondent(name)
    const id = await converse(wanda, other)
    await other.send(
      id,
      name === 'Ida' ? 'Yes.' : 'مرحبا, a line in two directions, and a long one',
    )
  }
  const stranger = await correspondent('A stranger')
  const [me] = (await stranger.commands.listPeople('Wanda Winter', null)).people
  if (!me) throw new Error('Wanda is not in the list of members')
  const asked = await stranger.commands.startConversation(me.accountId, 'ecdh')
  await stranger.send(asked, 'You do not know me. Is the room still free?')

  await page.goto('/#/')
  await look(page, 'list')
  await page.getByRole('link', { name: /Someone new/ }).click()
  await button(page, 'Show request').waitFor()
  await look(page, 'hidden-request')
  await button(page, 'Show request').click()
  await wanda.sees('Is the room still free?')
  await look(page, 'request')

  await page.goto('/#/new')
  await page.getByRole('list', { name: 'Search results' }).getByRole('button').first().waitFor()
  await look(page, 'find-somebody')
  await page.getByRole('searchbox', { name: /^Name, phone/ }).fill('Nobody at all')
  await page.getByText('No one found.').waitFor()
  await look(page, 'nobody-found')
  await page.getByRole('searchbox', { name: /^Name, phone/ }).fill('Ida')
  await page
    .getByRole('list', { name: 'Search results' })
    .getByRole('button', { name: 'Ida' })
    .click()
  await page.getByRole('radio', { name: 'rsa' }).check({ force: true })
  await look(page, 'protocol')

  await wanda.openConversation('Maximiliane')
  for (const text of [
    'I have the papers here.',
    'They are longer than I thought, and there is a clause in the second part that I do not understand at all. Could you look at it before Thursday? It begins on page fourteen.',
    'See https://example.org/papers/2026/the-second-part and `clause 14.2`',
    '```\nfirst line of code\n  second line, indented, and long enough to need a way of its own to be read in full\n```',
    'one line\n'.repeat(40),
  ]) {
    await wanda.send(text)
    await wanda.sees(text.slice(0, 20))
  }
  await look(page, 'conversation')
  await wanda.openMessageMenu('I have the papers')
  await look(page, 'message-menu')
  await page.getByRole('menuitem', { name: 'What the server sees' }).click()
  await page.getByTestId('server-row').waitFor()
  await look(page, 'server-view')
  await button(page, 'Side by side').click()
  await page.getByRole('dialog').getByTestId('server-row').waitFor()
  await look(page, 'side-by-side')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Safety number', exact: true }).click()
  await button(page, 'Mark as verified').click()
  await page.getByText('Verified by you').waitFor()
  await look(page, 'person')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('searchbox').waitFor()
  await look(page, 'go-to')
  await page.keyboard.press('Escape')
  await button(page, 'Block').click()
  await page.getByText('You blocked').waitFor()
  await page.getByRole('link', { name: 'Close panel' }).click()
  await look(page, 'blocked-conversation')

  await wanda.openConversation('Ida')
  await server.stop()
  await wanda.send('Written on a train.')
  await expect(page.getByText('No connection.')).toBeInViewport()
  await look(page, 'offline')
  await server.start()
  await expect(wanda.message('Written on a train.').locator('[data-mark=delivered]')).toBeVisible()

  for (const name of settingsPages) {
    await page.goto(`/#/settings${name && `/${name}`}`)
    await look(page, `settings-${name || 'all'}`)
  }
  await button(page, 'Log out and erase').click()
  await page.getByRole('dialog').waitFor()
  await look(page, 'erase')
})

test('a changed key', async ({ openProfile }) => {
  const wim = await openProfile()
  const xenia = await openProfile()
  const phone = freshPhone()
  await wim.signUpByPhone(freshPhone(), 'Wim who waits')
  await xenia.signUpByPhone(phone, 'Xenia who starts anew')
  await wim.startConversation('Xenia who starts anew', 'ecdh')
  await wim.send('until tomorrow')
  await xenia.acceptRequest()
  const xeniaAnew = await openProfile()
  await xeniaAnew.logInByPhone(phone)
  await xeniaAnew.startWithNewKeys('Xenia who starts anew')

  await button(wim.page, 'Review new key').waitFor()
  await look(wim.page, 'changed-key')
  await button(wim.page, 'Review new key').click()
  await wim.page.getByRole('list', { name: 'New safety number' }).waitFor()
  await look(wim.page, 'changed-key-dialog')
  await xeniaAnew.openConversation('Wim who waits')
  await xeniaAnew.page.getByTestId('notice-unreadable').waitFor()
  await look(xeniaAnew.page, 'closed-messages')
  await xenia.isLoggedOut()
  await look(xenia.page, 'log-in-ended')
})

/** Moves the focus forward or back until it reaches the target. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press(key)
  }
  await expect(target).toBeFocused()
}

test('everything works with the keyboard alone', async ({ openProfile, correspondent, server }) => {
  const { page } = await openProfile()
  const { keyboard } = page
  const phone = freshPhone()
  await correspondent('Zoe at the other end')

  await test.step('signing up', async () => {
    await tabTo(page, page.getByRole('link', { name: 'Continue with phone' }))
    await keyboard.press('Enter')
    await expect(page.getByLabel('Phone number')).toBeFocused()
    await keyboard.type(phone)
    await keyboard.press('Enter')
    await expect(page.getByLabel('Code', { exact: true })).toBeFocused()
    await keyboard.type(await server.codeFor(phone))
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
    await keyboard.type('Yara without a mouse')
    await keyboard.press('Enter')
    const groups = page.getByTestId('recovery-code').getByRole('listitem')
    await expect(groups).toHaveCount(8)
    const code = await groups.allTextContents()
    await tabTo(page, button(page, 'I saved it'))
    await keyboard.press('Enter')
    const asked = page.getByLabel(/^Group \d of your code$/)
    await expect(asked).toBeFocused()
    const label = await page.getByText(/^Group \d of your code$/).textContent()
    await keyboard.type(code[Number(label?.match(/\d/)?.[0]) - 1] ?? '')
    await keyboard.press('Enter')
    await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  })

  await test.step('starting a conversation', async () => {
    await keyboard.press('Control+k')
    await expect(page.getByRole('dialog').getByRole('searchbox')).toBeFocused()
    await keyboard.type('New conv')
    await keyboard.press('Enter')
    const search = page.getByRole('searchbox', { name: /^Name, phone/ })
    await expect(search).toBeFocused()
    await keyboard.type('Zoe at the other')
    const found = page.getByRole('list', { name: 'Search results' }).getByRole('button')
    await expect(found).toHaveCount(1)
    await keyboard.press('ArrowDown')
    await expect(found).toBeFocused()
    await keyboard.press('Enter')
    await tabTo(page, page.getByRole('radio', { name: 'ecdh' }))
    await keyboard.press('ArrowDown')
    await expect(page.getByRole('radio', { name: 'rsa' })).toBeChecked()
    await keyboard.press('ArrowUp')
    await tabTo(page, button(page, 'Start conversation'))
    await keyboard.press('Enter')
  })

  const composer = page.getByRole('textbox', { name: /^Message to/ })
  const actions = page.getByTestId('message').getByRole('button', { name: 'Message actions' })
  await test.step('writing', async () => {
    await tabTo(page, composer)
    await keyboard.type('no hand on the mouse')
    await keyboard.press('Enter')
    await expect(page.getByTestId('message')).toHaveText(/no hand on the mouse/)
    await expect(composer).toBeFocused()
  })

  await test.step('the menu of a message, what the server sees, and back', async () => {
    await tabTo(page, actions, 'Shift+Tab')
    await keyboard.press('Enter')
    const entry = page.getByRole('menuitem', { name: 'What the server sees' })
    await expect(entry).toBeFocused()
    await keyboard.press('Escape')
    await expect(entry).toBeHidden()
    await expect(actions).toBeFocused()
    await keyboard.press('Enter')
    await expect(entry).toBeFocused()
    await keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'What the server sees' })
    await expect(panel).toBeFocused()
    await tabTo(page, button(page, 'Side by side'))
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await expect(dialog).toBeVisible()
    await keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await expect(panel).toBeVisible()
    await expect(button(page, 'Side by side')).toBeFocused()
    await keyboard.press('Escape')
    await expect(panel).toBeHidden()
    await expect(actions).toBeFocused()
  })
})
