import { expect, freshPhone, test } from '../people/correspondents.ts'

test('search results stay clickable while the next search is in progress', async ({
  openProfile,
  correspondent,
}) => {
  await correspondent('Felix Finder')
  const nora = await openProfile()
  const { page } = nora
  await nora.signUpByPhone(freshPhone(), 'Nora who looks for Felix')
  await page.getByRole('link', { name: 'New conversation' }).first().click()
  const field = page.getByLabel('Name, phone number, or email')
  const found = page.getByRole('list', { name: 'Search results' })
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

test('the list of people stays in place when a search begins, so that clicks do not miss', async ({
  openProfile,
  correspondent,
}) => {
  await correspondent('Greta Gathered')
  const nora = await openProfile()
  const { page } = nora
  await nora.signUpByPhone(freshPhone(), 'Nora who looks for Greta')
  await page.getByRole('link', { name: 'New conversation' }).first().click()
  const found = page.getByRole('list', { name: 'Search results' })
  await expect(page.getByRole('heading', { name: 'Members of this server' })).toBeVisible()
  const before = await found.boundingBox()

  await page.getByLabel('Name, phone number, or email').fill('Greta Gathered')
  await expect(found.getByRole('button')).toHaveCount(1)

  expect((await found.boundingBox())?.y).toBe(before?.y)
})
