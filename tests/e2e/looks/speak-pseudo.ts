import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page } from '@playwright/test'
import { type CompiledWords, inPseudo, type PseudoLanguage } from './pseudo-words.ts'

const assets = fileURLToPath(new URL('../../../apps/web/dist/assets', import.meta.url))

/** The language that the pseudo-languages replace. */
const PLACE = 'de'

/** How the build embeds the words in a script. */
const inScript = /JSON\.parse\(`(.*)`\)/s

const prepared = new WeakSet<Page>()

/** Switches a page to a pseudo-language in place, as if it had been chosen in the settings. */
export async function speakPseudo(page: Page, language: PseudoLanguage): Promise<void> {
  await prepare(page)
  await choose(page, 'en')
  await page.evaluate(replaceWords, inPseudo(await englishWords(), language))
  await choose(page, PLACE)
}

/** Switches back to English. */
export async function speakEnglish(page: Page): Promise<void> {
  await choose(page, 'en')
}

async function choose(page: Page, language: string): Promise<void> {
  await page.evaluate((tag) => {
    localStorage.setItem('sotto.language', tag)
    dispatchEvent(new StorageEvent('storage'))
  }, language)
  await expect(page.locator(`html[lang=${language}]`)).toBeAttached()
}

/** Replaces the words of `PLACE` with the requested ones in each page that was prepared. */
async function prepare(page: Page): Promise<void> {
  if (prepared.has(page)) return
  prepared.add(page)
  await page.route(new RegExp(`/assets/${PLACE}-(start|inside)-`), async (route) => {
    const [, name = ''] = /-(start|inside)-/.exec(route.request().url()) ?? []
    const file = basename(new URL(route.request().url()).pathname)
    const script = await readFile(join(assets, file), 'utf8')
    const [literal = ''] = inScript.exec(await scriptOf(name)) ?? []
    const body = script.replace(
      inScript,
      () => `(globalThis.takeWords ?? ((words) => words))(${literal})`,
    )
    await route.fulfill({ contentType: 'text/javascript', body })
  })
}

interface Changeable {
  takeWords?: (words: Record<string, unknown[]>) => Record<string, unknown[]>
  changeWords?: (next: CompiledWords) => void
}

/** Replaces the words that are loaded now or later with `words`. Runs in the page. */
function replaceWords(words: CompiledWords): void {
  const page = globalThis as Changeable
  const taken: Record<string, unknown[]>[] = []
  let wanted = words
  const change = (loaded: Record<string, unknown[]>) => {
    for (const [id, tokens] of Object.entries(loaded)) {
      tokens.splice(0, Number.POSITIVE_INFINITY, ...(wanted[id] ?? tokens))
    }
  }
  page.takeWords ??= (loaded) => {
    taken.push(loaded)
    change(loaded)
    return loaded
  }
  page.changeWords ??= (next) => {
    wanted = next
    taken.forEach(change)
  }
  page.changeWords(words)
}

async function scriptOf(name: string): Promise<string> {
  const file = (await readdir(assets)).find((one) =>
    new RegExp(`^en-${name}-[\\w-]+\\.js$`).test(one),
  )
  return readFile(join(assets, file ?? ''), 'utf8')
}

let english: Promise<CompiledWords> | undefined

function englishWords(): Promise<CompiledWords> {
  english ??= Promise.all(['start', 'inside'].map(scriptOf)).then((scripts) =>
    Object.assign({}, ...scripts.map(wordsIn)),
  )
  return english
}

function wordsIn(script: string): CompiledWords {
  const [, literal = ''] = inScript.exec(script) ?? []
  return JSON.parse(literal.replaceAll(/\\([\\`$])/g, '$1'))
}
