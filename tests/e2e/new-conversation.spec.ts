import { expect, freshPhone, test } from './correspondents.ts'

test('who was found stays in reach while the next search is on its way', async ({
  openProfile,
  correspondent,
}) => {
  await correspondent('Felix Finder')
  const nora = await openProfile()
  const { page } = nora
  await nora.signUpByPhone(freshPhone(), 'Nora who looks for Felix')
  await page.getByRole('link', { name: 'New conversation' }).first().click()
  const field = page.getByLabel('Name, phone number or e-mail address')
  const found = page.getByRole('list', { name: 'People found' })
  await field.fill('Felix')
  await expect(found.getByRole('button', { name: 'Felix Finder' })).toBeVisible()
  await expect(found).toHaveAttribute('aria-busy', 'false')

  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  await page.route('**/users?*', async (route) => {
    await answered
    await route.continue()
  })
  await field.fill('Felix F')
  await expect(found).toHaveAttribute('aria-busy', 'true')
  await found.getByRole('button', { name: 'Felix Finder' }).click()
  await expect(page.getByRole('button', { name: 'Start conversation' })).toBeVisible()
  answer()
})
