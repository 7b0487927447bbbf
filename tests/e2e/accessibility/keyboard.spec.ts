import type { Locator, Page } from '@playwright/test'
import { expect, freshPhone, test } from '../people/correspondents.ts'
import { button } from './button.ts'

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
