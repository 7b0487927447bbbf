import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { faultsOfLayout } from './faults-of-layout.ts'
import { pseudoLanguages, pseudoMark } from './pseudo-words.ts'
import { speakEnglish, speakPseudo } from './speak-pseudo.ts'

const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const

/** Where to put a picture of every screen, for people to look at. */
const pictures = process.env.PICTURES

/**
 * Looks at a screen in both sizes and both colour schemes: no rule of axe is broken, and nothing has to
 * be scrolled sideways. In longer words, and from the right, nothing is cut off, covered or left in English. Leaves
 * the page as it was, at a desk in the light.
 */
export async function look(page: Page, screen: string): Promise<void> {
  await expect(page.locator(':is(main, [role=main]) :is(h1, h2)').first()).toBeAttached()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  for (const [size, viewport] of Object.entries(sizes).reverse()) {
    const where = `${screen}-${size}`
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    expect.soft(await problemsOf(page), where).toEqual([])
    // What is scrolled out of sight has colours too, and axe looks at none of it.
    await page.setViewportSize({ ...viewport, height: 3000 })
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      expect.soft(await problemsOf(page, ['color-contrast']), where).toEqual([])
    }
    await page.setViewportSize(viewport)
    if (pictures) await takePictures(page, join(pictures, where))
  }
  await lookInOtherWords(page, screen)
}

async function lookInOtherWords(page: Page, screen: string): Promise<void> {
  // What the page says before the app runs is part of the page, in English.
  if (await page.locator('.not-started').first().isVisible()) return
  for (const language of pseudoLanguages) {
    await speakPseudo(page, language)
    for (const [size, viewport] of Object.entries(sizes).reverse()) {
      const where = `${screen}-${size}-${language}`
      await page.setViewportSize(viewport)
      const { source } = pseudoMark[language]
      expect.soft(await page.evaluate(faultsOfLayout, { source }), where).toEqual([])
      expect.soft(await page.evaluate(scrolledSideways), where).toEqual([])
      if (pictures) await page.screenshot({ path: `${join(pictures, where)}.png` })
    }
  }
  await speakEnglish(page)
}

async function takePictures(page: Page, path: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${path}-${colorScheme}.png` })
  }
}

/** What is wrong with a page as it is now: by all rules of axe, or by some. */
export async function problemsOf(page: Page, rules?: string[]): Promise<string[]> {
  // Axe is large; a page that has it already is not given it again.
  const isThere = await page.evaluate(() => 'axe' in window)
  const axe = new AxeBuilder({ page, ...(isThere && { axeSource: ';' }) })
  axe.setLegacyMode().options({ resultTypes: ['violations'], preload: false })
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze()
  const broken = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  return [...broken, ...(await page.evaluate(scrolledSideways))]
}

function scrolledSideways(): string[] {
  return [document.documentElement, ...document.querySelectorAll('body *')]
    .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0)
    .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX))
    .concat(document.documentElement.scrollWidth > innerWidth ? [document.documentElement] : [])
    .map(({ tagName, className, scrollWidth }) => `${tagName}.${className}: ${scrollWidth} px wide`)
}
