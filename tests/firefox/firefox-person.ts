import type { Browser, BrowserContext, ElementHandle, Page } from 'puppeteer-core'
import { eventually, PATIENCE_MS } from '../network/eventually.ts'
import type { ServerProcess } from '../programs/server-process.ts'

const PASSWORD = 'a quiet voice under the breath'

const COMPOSER = 'textarea[aria-label^="Message to"]'

/** A person with a separate Firefox profile, who uses mouse and keyboard like people do. */
export class FirefoxPerson {
  readonly page: Page
  /** Errors and warnings in the console. */
  readonly troubles: string[] = []
  recoveryCode = ''
  readonly #context: BrowserContext
  readonly #server: ServerProcess

  private constructor(context: BrowserContext, page: Page, server: ServerProcess) {
    this.#context = context
    this.page = page
    this.#server = server
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) this.#note(message.text())
    })
    page.on('pageerror', (error) => this.#note(String(error)))
  }

  static async open(browser: Browser, server: ServerProcess): Promise<FirefoxPerson> {
    const context = await browser.createBrowserContext()
    const person = new FirefoxPerson(context, await context.newPage(), server)
    await person.page.goto(server.origin)
    return person
  }

  async leave(): Promise<void> {
    await this.#context.close()
  }

  // ---------------------------------------------------------------- signing up and logging in

  async signUpByPhone(phone: string, name: string): Promise<void> {
    await this.logInByPhone(phone)
    await this.#makeProfile(name)
  }

  async logInByPhone(phone: string): Promise<void> {
    await this.press('link', 'Continue with phone')
    await this.type('Phone number', phone)
    await this.press('button', 'Send code')
    await this.type('Code', await this.#server.codeFor(phone))
  }

  async signUpByEmail(email: string, name: string): Promise<void> {
    await this.press('link', 'Sign up with email')
    await this.type('Email address', email)
    await this.press('button', 'Send code')
    await this.type('Code', await this.#server.codeFor(email))
    await this.type('Password', PASSWORD)
    await this.press('button', 'Set password')
    await this.#makeProfile(name)
  }

  async logInByPassword(email: string): Promise<void> {
    await this.press('link', 'Log in')
    await this.type('Email address', email)
    await this.type('Password', PASSWORD)
    await this.press('button', 'Log in')
    await this.#isReady()
  }

  async unlock(code: string): Promise<void> {
    await this.type('Recovery code', code)
    await this.press('button', 'Unlock')
    await this.#isReady()
  }

  // -------------------------------------------------------------------------- conversations

  async startConversation(name: string, protocol: 'ecdh' | 'rsa'): Promise<void> {
    await this.press('link', 'New conversation')
    await this.type('Name, phone number, or email', name)
    const found = `::-p-xpath(//ul[@aria-label="Search results"]//button[contains(., "${name}")])`
    await this.#click(found)
    await this.#click(`::-p-xpath(//label[.//input[@aria-label="${protocol}"]])`)
    await this.press('button', 'Start conversation')
    await this.#composer()
  }

  async acceptRequest(): Promise<void> {
    await this.#click('::-p-xpath(//a[contains(., "Someone new")])')
    await this.press('button', 'Show request')
    await this.press('button', 'Accept')
    await this.#composer()
  }

  /** Opens the newest conversation whose entry contains `text`. */
  async openConversation(text: string): Promise<void> {
    const entry = `::-p-xpath(//nav[@aria-label="Conversations"]//a[contains(., "${text}")])`
    await this.#click(entry)
    await this.#composer()
  }

  async send(text: string): Promise<void> {
    await this.#composer()
    await this.#click(COMPOSER)
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** Waits for a message and returns how many with this text there are. */
  async sees(text: string): Promise<number> {
    return eventually(`a message ${text}`, async () => (await this.#countOf(text)) || false)
  }

  async #countOf(text: string): Promise<number> {
    const messages = await this.page.$$(
      `::-p-xpath(//*[@data-testid="message"][contains(., "${text}")])`,
    )
    return messages.length
  }

  async statusOf(text: string): Promise<string | null> {
    const message = `::-p-xpath(//*[@data-testid="message"][contains(., "${text}")])`
    return (await this.#there(message)).evaluate((found) => found.getAttribute('data-status'))
  }

  // ---------------------------------------------------------------------------------- inside

  async press(role: 'button' | 'link', name: string): Promise<void> {
    await this.#click(`::-p-aria([name="${name}"][role="${role}"])`)
  }

  /** Types into the field with this label. */
  async type(label: string, text: string): Promise<void> {
    await this.#click(`::-p-aria(${label})`)
    await this.page.keyboard.type(text)
  }

  #note(trouble: string): void {
    // Firefox itself logs, perhaps late, that a stopped server didn't answer.
    if (trouble.includes('establish a connection to the server')) return
    this.troubles.push(trouble)
  }

  async #makeProfile(name: string): Promise<void> {
    await this.type('Name', name)
    await this.press('button', 'Continue')
    await this.#there('[data-testid="recovery-code"]')
    const groups = await this.page.$$eval('[data-testid="recovery-code"] li', (items) =>
      items.map((item) => item.textContent),
    )
    this.recoveryCode = groups.join('-')
    await this.press('button', 'I saved it')
    const label = await (await this.#there('::-p-text(of your code)')).evaluate(
      (found) => found.textContent,
    )
    const asked = /Group (\d) of your code/.exec(label ?? '')
    await this.type(asked?.[0] ?? '', groups[Number(asked?.[1]) - 1] ?? '')
    await this.press('button', 'Confirm')
    await this.#isReady()
  }

  #composer(): Promise<ElementHandle> {
    return this.#there(COMPOSER)
  }

  async #isReady(): Promise<void> {
    await this.#there('nav[aria-label="Conversations"]')
  }

  /** Firefox paints only the foreground tab, and elements that aren't painted can't be clicked. */
  async #click(selector: string): Promise<void> {
    await this.page.bringToFront()
    await this.page.locator(selector).click()
  }

  async #there(selector: string): Promise<ElementHandle> {
    const found = await this.page.waitForSelector(selector, { visible: true })
    if (!found) throw new Error(`there is no ${selector}`)
    return found
  }
}
