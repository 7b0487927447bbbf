import { expect, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** `text` with the digits of the script whose zero is `zero`. */
const inDigits = (zero: number, text: string) =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))

const WIDE = 0xff10
const ARABIC = 0x0660
const DEVANAGARI = 0x0966

async function paste({ page }: Person, label: string, text: string): Promise<void> {
  await page.getByLabel(label).evaluate((field, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    field.focus()
    field.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    )
  }, text)
}

test('phone numbers and codes are accepted in the digits of any script', async ({
  openProfile,
}) => {
  for (const zero of [WIDE, ARABIC, DEVANAGARI]) {
    const rana = await openProfile()
    const { page } = rana
    const phone = freshPhone()
    await page.getByRole('link', { name: 'Continue with phone' }).click()
    await page.getByLabel('Phone number').fill(`\u2066${inDigits(zero, phone)}\u2069`)
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code', { exact: true }).waitFor()
    const code = await rana.server.codeFor(phone)
    await page.getByLabel('Code', { exact: true }).fill(inDigits(zero, code))
    await expect(page.getByLabel('Name', { exact: true })).toBeVisible()
  }
})

test('a recovery code is edited where the caret is', async ({ openProfile }) => {
  const phone = freshPhone()
  const rosa = await openProfile()
  await rosa.signUpByPhone(phone, 'Rosa who mistypes')
  const second = await openProfile()
  await second.logInByPhone(phone)
  const field = second.page.getByLabel('Recovery code')
  const shown = rosa.recoveryCode.replaceAll('-', ' ')

  await field.fill(shown)
  // In the middle of the third group.
  await field.evaluate((input: HTMLInputElement) => input.setSelectionRange(12, 12))
  await field.press('Backspace')
  await field.press('Backspace')
  await field.press('Delete')
  const removed = shown.slice(10, 13)
  await field.pressSequentially(removed.toLowerCase())
  await expect(field).toHaveValue(shown)
  await second.page.getByRole('button', { name: 'Unlock' }).click()
  await expect(second.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
})

test('a file with a saved code is accepted, and a damaged code is reported', async ({
  openProfile,
}) => {
  const phone = freshPhone()
  const rosa = await openProfile()
  await rosa.signUpByPhone(phone, 'Rosa of the file')
  const code = rosa.recoveryCode
  const second = await openProfile()
  await second.logInByPhone(phone)
  const field = second.page.getByLabel('Recovery code')
  const alert = second.page.getByRole('alert')

  const mistyped = code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A')
  await paste(second, 'Recovery code', `My recovery code: ${mistyped}. Keep it!`)
  await expect(alert.filter({ hasText: mistyped })).toBeVisible()
  await paste(
    second,
    'Recovery code',
    'There is no code of any kind in this text, which is long enough.',
  )
  await expect(alert.filter({ hasText: 'doesn’t contain a recovery code' })).toBeVisible()

  const file = `Sotto recovery code\n\n${code}\n\nFor example.org, written down on 2026-11-29.\n`
  await paste(second, 'Recovery code', file)
  await expect(field).toHaveValue(code.replaceAll('-', ' '))
  await second.page.getByRole('button', { name: 'Unlock' }).click()
  await expect(second.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
})

test('hidden characters are removed from a name, and a badge look-alike is refused with an explanation', async ({
  openProfile,
}) => {
  const nils = await openProfile()
  const { page } = nils
  await nils.signUpByPhone(freshPhone(), 'Nils who pastes')
  await page.goto('/#/settings/profile')
  const name = page.getByLabel('Name', { exact: true })
  const save = page.getByRole('button', { name: 'Save' })
  await name.fill('\u2068Nils\u2069 who pastes')
  await expect(save).toBeDisabled()

  await name.fill('Nils \u2713')
  await save.click()
  const refusal = page.getByRole('alert').filter({ hasText: 'as if it had been verified' })
  await expect(refusal).toBeVisible()

  await name.fill('\u2068Nils\u2069 who pasted')
  await save.click()
  await expect(page.getByText('Saved. Others see it right away.')).toBeVisible()
  await page.goto('/#/settings')
  await expect(page.getByRole('main').getByText('Nils who pasted', { exact: true })).toBeVisible()
})

test('a key file is identified, with the command that converts it', async ({ openProfile }) => {
  const nora = await openProfile()
  const { page } = nora
  await nora.signUpByPhone(freshPhone(), 'Nora of the old keys')
  await page.goto('/#/settings/rsa-key')
  const load = async (name: string, buffer: Buffer) => {
    await page.getByLabel('PEM file').setInputFiles({ name, mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Import key' }).click()
  }
  const alert = page.getByRole('alert')

  const old = [
    '-----BEGIN RSA PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    'DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF',
    '',
    'AAAA',
    '-----END RSA PRIVATE KEY-----',
  ].join('\n')
  await load('server.key', Buffer.from(`\ufeff${old}`, 'utf16le'))
  await expect(alert).toContainText('PKCS#1 with a passphrase')
  await expect(alert).toContainText('openssl pkcs8 -topk8 -v2 aes-256-cbc -in server.key')
  await load('notes.txt', Buffer.from('nothing of the kind'))
  await expect(alert).toContainText('This file doesn’t contain a key.')
})
