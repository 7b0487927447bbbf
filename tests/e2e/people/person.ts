import { readFile } from 'node:fs/promises'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'
import { PATIENCE_MS } from '../../network/eventually.ts'
import {
  type Forgivable,
  PageWatch,
  type ProfileRecords,
  type Server,
  type Trouble,
} from './page-watch.ts'

const PASSWORD = 'a quiet voice under the breath'

/**
 * A person with a separate browser profile, who uses mouse and keyboard like people do. Records the network traffic and
 * everything that goes wrong.
 */
export class Person {
  /** The password of an account with an email address. */
  readonly password = PASSWORD
  readonly page: Page
  readonly context: BrowserContext
  readonly server: Server

  readonly #watch: PageWatch

  private constructor(
    page: Page,
    context: BrowserContext,
    server: Server,
    records?: ProfileRecords,
  ) {
    this.page = page
    this.context = context
    this.server = server
    this.#watch = new PageWatch(page, server, records)
  }

  /** Everything that went wrong in this profile. */
  get troubles(): Trouble[] {
    return this.#watch.records.troubles
  }

  /** Every request body and frame, as the network saw it. */
  get traffic(): string[] {
    return this.#watch.records.traffic
  }

  static async open(
    browser: Browser,
    server: Server,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    return Person.in(await browser.newContext({ baseURL: server.origin, ...options }), server)
  }

  /** A person who uses this browser profile. */
  static async in(context: BrowserContext, server: Server): Promise<Person> {
    const person = new Person(await context.newPage(), context, server)
    await person.page.goto('/')
    return person
  }

  /** The same person in another tab of the same profile. */
  async anotherTab(): Promise<Person> {
    const tab = new Person(
      await this.context.newPage(),
      this.context,
      this.server,
      this.#watch.records,
    )
    await tab.page.goto('/')
    return tab
  }

  // ---------------------------------------------------------------- signing up and logging in

  async signUpByPhone(phone: string, name: string, { withRsa = false } = {}): Promise<void> {
    await this.logInByPhone(phone)
    await this.#makeProfile(name, withRsa)
  }

  async logInByPhone(phone: string): Promise<void> {
    await this.page.getByRole('link', { name: /^(Continue|Log in) with phone$/ }).click()
    await this.page.getByLabel('Phone number').fill(phone)
    await this.page.getByRole('button', { name: 'Send code' }).click()
    await this.#typeCode(phone.replace(/[^+\d]/g, ''))
  }

  async signUpByEmail(email: string, name: string, { withRsa = false } = {}): Promise<void> {
    await this.page.getByRole('link', { name: 'Sign up with email' }).click()
    await this.page.getByLabel('Email address').fill(email)
    await this.page.getByRole('button', { name: 'Send code' }).click()
    await this.#typeCode(email)
    await this.page.getByLabel('Password', { exact: true }).fill(this.password)
    await this.page.getByRole('button', { name: 'Set password' }).click()
    await this.#makeProfile(name, withRsa)
  }

  async logInByPassword(email: string): Promise<void> {
    const link = { name: /^(Log in|Log in with a password)$/ }
    await this.page.getByRole('link', link).click()
    await this.page.getByLabel('Email address').fill(email)
    await this.page.getByLabel('Password', { exact: true }).fill(this.password)
    await this.page.getByRole('button', { name: 'Log in', exact: true }).click()
  }

  async unlock(recoveryCode: string): Promise<void> {
    await this.page.getByLabel('Recovery code').fill(recoveryCode)
    await this.page.getByRole('button', { name: 'Unlock' }).click()
    await this.#isReady()
  }

  /** Starts over with new keys on the page that asks for the code. */
  async startWithNewKeys(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'I don’t have my code' }).click()
    await this.typeNewKeys(name)
  }

  /** The same, once the warning has been read. */
  async typeNewKeys(name: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByLabel('Type “new keys” to continue').fill('new keys')
    await this.page.getByRole('button', { name: 'Start with new keys' }).click()
    await this.keepRecoveryCode()
    await this.#isReady()
  }

  /** The code that was shown at sign-up, as it was written down. */
  recoveryCode = ''

  // -------------------------------------------------------------------------- conversations

  /** Finds a person in the list of members by name and starts a conversation. */
  async startConversation(name: string, protocol: 'ecdh' | 'rsa'): Promise<void> {
    await this.page.getByRole('link', { name: 'New conversation' }).first().click()
    const main = this.page.getByRole('main')
    await main.getByLabel('Name, phone number, or email').fill(name)
    const results = main.getByRole('list', { name: 'Search results' })
    // Other tests may have signed up people whose names begin with this one.
    await results.getByRole('button', { name, exact: true }).click()
    await this.page.getByRole('radio', { name: new RegExp(protocol, 'i') }).check({ force: true })
    await this.page.getByRole('button', { name: 'Start conversation' }).click()
    await expect(this.page.getByRole('main').getByRole('heading', { name, level: 1 })).toBeVisible()
  }

  /** Opens the newest request and accepts it. */
  async acceptRequest(): Promise<void> {
    const { page } = this
    const anybody = page.getByRole('link', { name: /Someone new|^\d+ requests/ }).first()
    const isFolded = /requests/.test((await anybody.textContent()) ?? '')
    await anybody.click()
    if (isFolded)
      await page
        .getByRole('main')
        .getByRole('link', { name: /Someone new/ })
        .first()
        .click()
    await this.page.getByRole('button', { name: 'Show request' }).click()
    await this.page.getByRole('button', { name: 'Accept' }).click()
    await expect(this.composer).toBeVisible()
  }

  async openConversation(name: string): Promise<void> {
    await this.showConversation(name)
    await expect(this.composer).toBeVisible()
  }

  /** Opens a conversation that is read-only. */
  async showConversation(name: string): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Conversations' })
      .getByRole('link')
      .filter({ hasText: name })
      .first()
      .click()
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ })
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** The messages on the screen, in order. */
  get messages(): Locator {
    return this.page.getByTestId('message')
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text })
  }

  async openMessageMenu(text: string): Promise<void> {
    await this.message(text).hover()
    await this.message(text).getByRole('button', { name: 'Message actions' }).click()
  }

  /** Scrolls up until a message comes into view. */
  async scrollsBackTo(text: string): Promise<void> {
    await this.page.getByRole('log').hover()
    await expect(async () => {
      await this.page.mouse.wheel(0, -600)
      await expect(this.message(text).first()).toBeInViewport({ timeout: 200 })
    }).toPass({ timeout: PATIENCE_MS })
  }

  async sees(text: string): Promise<void> {
    await expect(this.message(text).first()).toBeVisible()
  }

  // ---------------------------------------------------------------------------------- inside

  async #typeCode(contact: string): Promise<void> {
    await this.page.getByLabel('Code', { exact: true }).waitFor()
    await this.page.getByLabel('Code', { exact: true }).fill(await this.server.codeFor(contact))
  }

  async #makeProfile(name: string, withRsa: boolean): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    if (withRsa) await this.page.getByRole('switch', { name: /RSA key/ }).click()
    await this.page.getByRole('button', { name: 'Continue' }).click()
    await this.keepRecoveryCode()
    if (!withRsa) await this.#isReady()
  }

  /** Writes down the recovery code shown, and confirms it. */
  async keepRecoveryCode(): Promise<void> {
    const groups = this.page.getByTestId('recovery-code').getByRole('listitem')
    await expect(groups).toHaveCount(8)
    this.recoveryCode = (await groups.allTextContents()).join('-')
    await this.page.getByRole('button', { name: 'I saved it' }).click()
    const asked = this.page.getByLabel(/^Group \d of your code$/)
    const label = await this.page.getByText(/^Group \d of your code$/).textContent()
    const group = this.recoveryCode.split('-')[Number(label?.match(/\d/)?.[0]) - 1] ?? ''
    await asked.fill(group)
    await this.page.getByRole('button', { name: 'Confirm' }).click()
  }

  /** Downloads the private key offered after signing up with one; returns its text. */
  async savePem(passphrase: string): Promise<string> {
    await this.page.getByLabel('Passphrase for the file').fill(passphrase)
    const download = this.page.waitForEvent('download')
    await this.page.getByRole('button', { name: 'Download encrypted key' }).click()
    return readFile(await (await download).path(), 'utf8')
  }

  /** Chooses a key file and types its passphrase. */
  async loadPem(pem: string, passphrase: string): Promise<void> {
    const file = { name: 'key.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(pem) }
    await this.page.getByLabel('PEM file').setInputFiles(file)
    await this.page.getByLabel('Passphrase for key.pem').fill(passphrase)
    await this.page.getByRole('button', { name: 'Import key' }).click()
  }

  async #isReady(): Promise<void> {
    await expect(this.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  }

  /** Another device has ended this log-in, perhaps during a request. */
  async isLoggedOut(): Promise<void> {
    await expect(this.page.getByText('You’ve been logged out.')).toBeVisible()
    this.forgive(401)
  }

  /** Allows expected troubles; see `PageWatch`. */
  forgive(...expected: Forgivable[]): void {
    this.#watch.forgive(...expected)
  }

  /** For tests that cause a failure and check the app's own message for it. */
  forgiveFaults(): void {
    this.forgive('console', 'refusal', 'page error')
  }
}
