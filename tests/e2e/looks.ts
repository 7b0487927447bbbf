import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const

/** Nothing but what is wrong, and no second look at the style sheets. */
const quick: Parameters<AxeBuilder['options']>[0] = { resultTypes: ['violations'], preload: false }

/** Where to put a picture of every screen, for people to look at. */
const pictures = process.env.PICTURES

/**
 * Looks at a screen in both sizes and both colour schemes: no rule of axe is broken, and nothing is wider
 * than the window. Leaves the page as it was, at a desk in the light.
 */
export async function look(page: Page, screen: string): Promise<void> {
  await expect(page.locator(':is(main, [role=main]) :is(h1, h2)').first()).toBeAttached()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  for (const [size, viewport] of Object.entries(sizes).reverse()) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const where = `${screen}, ${size}, ${colorScheme}`
      // Colours are all that differs between the two.
      const axe = (await axeOn(page)).setLegacyMode().options(quick)
      const rules = colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe
      const { violations } = await rules.analyze()
      const found = violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])
      expect.soft(found, where).toEqual([])
      expect.soft(await page.evaluate(widerThanWindow), where).toEqual([])
      if (pictures) {
        await page.screenshot({ path: join(pictures, `${screen}-${size}-${colorScheme}.png`) })
      }
    }
  }
}

/** What one would have to scroll sideways for. */
function widerThanWindow(): string[] {
  const { scrollWidth } = document.documentElement
  return scrollWidth > innerWidth ? [`${scrollWidth} px of ${innerWidth}`] : []
}

/** Axe is large; a page that has it already is not given it again. */
async function axeOn(page: Page): Promise<AxeBuilder> {
  const isThere = await page.evaluate(() => 'axe' in window)
  return new AxeBuilder({ page, ...(isThere && { axeSource: ';' }) })
}
