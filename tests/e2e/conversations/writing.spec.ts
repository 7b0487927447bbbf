import { look } from '../looks/looks.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** Dispatches WebKit's events for an Enter that ends a composition: the composition is over before the key event. */
const enterEndsComposition = ({ composer }: Person) =>
  composer.evaluate((field) => {
    field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
    field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '日本' }))
    const key = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }
    field.dispatchEvent(new KeyboardEvent('keydown', key))
  })

test("Enter that chooses an input method's word sends nothing", async ({
  openProfile,
  correspondent,
}) => {
  const ines = await openProfile()
  await ines.signUpByPhone(freshPhone(), 'Ines of the input method')
  const jon = await correspondent('Jon who waits')
  const id = await converse(ines, jon)

  await ines.composer.fill('日本')
  await enterEndsComposition(ines)
  await expect(ines.composer).toHaveValue('日本')
  await ines.composer.press('End')
  await ines.composer.pressSequentially('です')
  await ines.composer.press('Enter')

  await jon.device.message(id, ({ text }) => text === '日本です')
  await expect(ines.messages).toHaveCount(1)
})

test('Enter starts a new line on a touch screen, unless the person wants it to send', async ({
  openProfile,
  correspondent,
}) => {
  const tom = await openProfile({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  })
  await tom.signUpByPhone(freshPhone(), 'Tom of the touch screen')
  const jon = await correspondent('Jon who reads')
  const id = await converse(tom, jon)

  await expect(tom.composer).toHaveAttribute('enterkeyhint', 'enter')
  await tom.composer.fill('first line')
  await tom.composer.press('Enter')
  await tom.composer.pressSequentially('second line')
  await tom.page.getByRole('button', { name: 'Send' }).tap()
  await jon.device.message(id, ({ text }) => text === 'first line\nsecond line')

  const before = tom.page.url()
  await tom.page.goto('/#/settings/writing')
  await expect(tom.page.getByRole('switch', { name: /keyboard/ })).toBeChecked()
  await tom.page.getByRole('switch', { name: /touch screen/ }).click()
  await tom.page.reload()
  await expect(tom.page.getByRole('switch', { name: /touch screen/ })).toBeChecked()
  await tom.page.goto(before)
  await expect(tom.composer).toHaveAttribute('enterkeyhint', 'send')
  await tom.send('third line')
  await jon.device.message(id, ({ text }) => text === 'third line')
})

test('at a keyboard, Enter can start a new line, and Ctrl+Enter sends', async ({
  openProfile,
  correspondent,
}) => {
  const kim = await openProfile()
  await kim.signUpByPhone(freshPhone(), 'Kim of the long letters')
  const jon = await correspondent('Jon who reads on')
  const id = await converse(kim, jon)
  const before = kim.page.url()
  await kim.page.goto('/#/settings/writing')
  await kim.page.getByRole('switch', { name: /keyboard/ }).click()
  await kim.page.goto(before)

  await kim.composer.fill('one')
  await kim.composer.press('Enter')
  await kim.composer.pressSequentially('two')
  await kim.composer.press('Control+Enter')

  await jon.device.message(id, ({ text }) => text === 'one\ntwo')
})

test("a folded message's links lead to their full address, and it is copied whole", async ({
  openProfile,
  correspondent,
}) => {
  const lea = await openProfile()
  await lea.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await lea.signUpByPhone(freshPhone(), 'Lea who follows links')
  const jon = await correspondent('Jon who writes much')
  const id = await converse(lea, jon)

  // The fold falls right after “https://example.com”.
  const text = `${'a'.repeat(1480)} https://example.community/page ${'b'.repeat(1000)}`
  await jon.commands.send(id, text)
  await jon.commands.send(id, '「https://example.org/page」、https://example.org/l’été')
  await lea.sees('l’été')
  await expect(lea.page.getByRole('button', { name: /^Show all/ })).toBeVisible()
  const links = lea.messages.getByRole('link')
  await expect(links).toHaveText(['https://example.org/page', 'https://example.org/l’été'])

  await lea.messages.first().locator('p').click({ clickCount: 3 })
  await lea.page.keyboard.press('Control+c')
  expect(await lea.page.evaluate(() => navigator.clipboard.readText())).toBe(text)

  await lea.page.getByRole('button', { name: /^Show all/ }).click()
  await expect(links.first()).toHaveAttribute('href', 'https://example.community/page')
})

test('half a character is refused with an explanation, and stays in the field', async ({
  openProfile,
  correspondent,
}) => {
  const ines = await openProfile()
  await ines.signUpByPhone(freshPhone(), 'Ines of the half')
  const jon = await correspondent('Jon of the whole')
  const id = await converse(ines, jon)

  // A script can insert what no keyboard types, like an input method, an extension, or a broken paste.
  await ines.composer.evaluate((field: HTMLTextAreaElement) => {
    const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value') ?? {}
    set?.call(field, 'half: \ud83d')
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  })
  await ines.composer.press('Enter')

  await expect(ines.page.getByText('This text contains a broken character.')).toBeVisible()
  await expect(ines.composer).toHaveValue('half: \ud83d')
  await look(ines.page, 'broken-text')
  await ines.composer.press('End')
  await ines.composer.press('Backspace')
  await ines.composer.pressSequentially('whole')
  await ines.composer.press('Enter')
  await jon.device.message(id, ({ text }) => text === 'half: whole')
  await expect(ines.page.getByText('This text contains a broken character.')).toBeHidden()
})
