/**
 * The time from pressing Enter until the text is on the other person's screen: two browser profiles
 * on this machine, the real process with its own PostgreSQL, both protocols. Also the compressed
 * size of the scripts that the first screen needs.
 *
 * node bench/web/enter-to-shown.ts [--json] [--messages 100]
 *
 * Build the web app first.
 */
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import config from '../../playwright.config.ts'
import { Person } from '../../tests/e2e/people/person.ts'
import { firstScreenKib } from '../../tests/e2e/start/first-screen.ts'
import { ServerProcess } from '../../tests/programs/server-process.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    messages: { type: 'string', default: '100' },
  },
})

const count = Number(options.messages)

/** Milliseconds. */
interface Figures {
  protocol: 'ecdh' | 'rsa'
  p50: number
  p99: number
  longest: number
}

type Watching = typeof window & { enteredAt?: number; shown?: Promise<number> }

/** On the sender's page: records when Enter was pressed, before anything else happens. */
async function watchEnter(page: Page): Promise<void> {
  await page.evaluate(() => {
    const keep = ({ key, timeStamp }: KeyboardEvent) => {
      if (key === 'Enter') (window as Watching).enteredAt = performance.timeOrigin + timeStamp
    }
    addEventListener('keydown', keep, { capture: true })
  })
}

/** On the receiver's page: detects when a text is in the timeline and has been painted. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.evaluate((awaited) => {
    const isThere = () =>
      [...document.querySelectorAll('[data-testid=message] p')].some(
        ({ textContent }) => textContent === awaited,
      )
    const { promise, resolve } = Promise.withResolvers<number>()
    const observer = new MutationObserver(() => {
      if (!isThere()) return
      observer.disconnect()
      // The text is on the screen in the frame after the one in which it was added.
      requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
    })
    observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    ;(window as Watching).shown = promise
  }, text)
}

async function measure(from: Person, to: Person, protocol: 'ecdh' | 'rsa'): Promise<Figures> {
  await watchEnter(from.page)
  const times: number[] = []
  for (let n = 0; n < count; n++) {
    const text = `message ${n} by ${protocol}, as long as people write when they are in a hurry`
    await from.composer.fill(text)
    await watchFor(to.page, text)
    await from.page.keyboard.press('Enter')
    const shownAt = await to.page.evaluate(() => (window as Watching).shown ?? Number.NaN)
    const enteredAt = await from.page.evaluate(() => (window as Watching).enteredAt ?? Number.NaN)
    times.push(shownAt - enteredAt)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.ceil(times.length * share) - 1] ?? Number.NaN)
  return { protocol, p50: at(0.5), p99: at(0.99), longest: at(1) }
}

await using server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100' })
const browser = await chromium.launch(config.use?.launchOptions ?? {})
const alice = await Person.open(browser, server)
const bob = await Person.open(browser, server)
await alice.signUpByPhone('+4915123400001', 'Alice')
await bob.signUpByPhone('+4915123400002', 'Bob')
await alice.startConversation('Bob', 'ecdh')
await alice.send('a request')
await bob.acceptRequest()

const figures = [await measure(alice, bob, 'ecdh')]
await alice.startConversation('Bob', 'rsa')
await alice.send('the first by rsa')
await bob.openConversation('the first by rsa')
figures.push(await measure(alice, bob, 'rsa'))
await browser.close()

const firstScreen = Number((await firstScreenKib()).toFixed(1))
if (options.json)
  console.log(JSON.stringify({ messages: count, figures, firstScreenKib: firstScreen }))
else {
  console.table(figures)
  console.log(`First screen: ${firstScreen} KiB of script, gzip`)
}
