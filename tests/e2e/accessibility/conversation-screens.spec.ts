import { look } from '../looks/looks.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'
import { button } from './button.ts'

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
