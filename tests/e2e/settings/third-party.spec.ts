import { expect, freshPhone, test } from '../people/suite.ts'

test("the settings link to the notices of the app's packages", async ({ openProfile }) => {
  const ada = await openProfile()
  const { page } = ada
  await ada.signUpByPhone(freshPhone(), 'Ada who reads licences')
  await page.goto('/#/settings')
  const opened = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'Open-source licenses' }).click()
  const notices = await opened

  await expect(notices.getByText('react-dom 19')).toBeVisible()
  await expect(notices.getByText('@serenity-kit/opaque')).toBeVisible()
  const served = await page.request.get('/licenses.txt')
  expect(served.headers()['content-type']).toBe('text/plain; charset=utf-8')
  expect(await served.text()).toContain('Permission is hereby granted')
})
