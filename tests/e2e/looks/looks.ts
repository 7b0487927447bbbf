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

/** Where to save a screenshot of every screen for review. */
const pictures = process.env.PICTURES

/**
 * Checks a screen in both sizes and both color schemes: it breaks no axe rule and never scrolls sideways. With longer
 * words, and from right to left, nothing is cut off, covered or left in English. Leaves the page as it was, in the
 * desktop size and the light scheme.
 */
export async function look(page: Page, screen: string): Promise<void> {
  await expect(page.locator(':is(main, [role=main]) :is(h1, h2)').first()).toBeAttached()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  for (const [size, viewport] of Object.entries(sizes).reverse()) {
    const where = `${screen}-${size}`
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    expect.soft(await problemsOf(page), where).toEqual([])
    // Content scrolled out of sight has colors too, but axe doesn't check it.
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
  // The text that the page shows before the app runs is always in English.
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

/** The problems of the page as it is now, by all axe rules or by some. */
export async function problemsOf(page: Page, rules?: string[]): Promise<string[]> {
  // Axe is large, so a page that already has it doesn't get it again.
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
