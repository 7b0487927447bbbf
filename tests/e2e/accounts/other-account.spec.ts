import { look } from '../looks/looks.ts'
import { expect, freshPhone, test } from '../people/correspondents.ts'

test('a browser that holds an account accepts no other one until that is erased', async ({
  openProfile,
}) => {
  const vera = await openProfile()
  const { page } = vera
  const phone = freshPhone()
  const other = freshPhone()
  await vera.signUpByPhone(phone, 'Vera who shares a browser')
  await page.goto('/#/settings/leave')
  await page.getByRole('button', { name: 'Log out', exact: true }).click()
  await vera.logInByPhone(other)

  const notice = page.getByRole('alert').filter({ hasText: 'This browser has another account' })
  await expect(notice).toBeVisible()
  await look(page, 'other-account')
  await page.goto('about:blank')
  await page.goto('/')
  await vera.logInByPhone(phone)
  await expect(page.getByRole('link', { name: 'New conversation' })).toBeVisible()

  await page.goto('/#/settings/leave')
  await page.getByRole('button', { name: 'Log out', exact: true }).click()
  await vera.logInByPhone(other)
  await page.getByRole('button', { name: 'Erase the other account' }).click()
  await expect(page.getByRole('dialog')).toContainText('recovery code')
  await look(page, 'erase-other-account')
  await page.getByRole('button', { name: 'Erase' }).click()
  await expect(notice).toHaveCount(0)
  await page.goto('about:blank')
  await page.goto('/')
  await vera.signUpByPhone(freshPhone(), 'Wim who came later')
})
