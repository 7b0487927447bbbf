import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { eventually } from '../../network/eventually.ts'
import { Wiretap } from '../../network/wiretap.ts'
import { databaseUrlOf, logsOf } from '../../programs/data-folder.ts'
import { DomainProcess, newDomainPorts } from '../../programs/domain-process.ts'
import { type Pebble, startPebble } from '../../programs/pebble.ts'
import { runCommand } from '../../programs/run-command.ts'
import { certificateAt } from '../../programs/shown-certificate.ts'
import { look } from '../looks/looks.ts'
import { Person } from '../people/person.ts'
import { expect, test } from '../people/suite.ts'

const domain = 'chat.example.org'
const secret = 'the canary sings at dawn'

/** The pin that a browser, told to trust an authority, compares with the certificates it receives. */
async function pinOf(pebble: Pebble): Promise<string> {
  const { publicKey } = new X509Certificate(await pebble.intermediate())
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}

// The steps that README.md and docs/operating.md describe for a first-time operator, from beginning to end.
test('a first-time operator runs Sotto: a domain, two people, one leaves, and the machine is replaced', async ({
  launchOptions,
}) => {
  const ports = await newDomainPorts()
  await using pebble = await startPebble({ httpPort: ports.http })
  // The second one issues short-lived certificates, so that a renewal happens here.
  await using later = await startPebble({ httpPort: ports.http, validitySeconds: 20 })
  const house = { SIGN_UP: 'invitation' }
  await using sotto = await DomainProcess.prepare(domain, ports, pebble, house)
  const pins = await Promise.all([pebble, later].map(pinOf))
  const browser = await chromium.launch({
    ...launchOptions,
    args: [
      ...(launchOptions.args ?? []),
      `--host-resolver-rules=MAP ${domain} 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${pins.join(',')}`,
    ],
  })
  await using _ = { [Symbol.asyncDispose]: () => browser.close() }
  const backups = await mkdtemp(join(tmpdir(), 'sotto-backups-'))
  await using __ = { [Symbol.asyncDispose]: () => rm(backups, { recursive: true }) }

  const people: Person[] = []
  const open = async () => {
    const person = await Person.open(browser, sotto)
    people.push(person)
    return person
  }
  const admin = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCommand('admin', args, {
      SOTTO_DATA: sotto.dataFolder,
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return stdout
  }

  await test.step('a server with a certificate, and codes that are sent', async () => {
    await sotto.start()
    expect(sotto.printed).toContain(`Sotto is running: https://${domain}:${ports.https}`)
    expect(await admin('send-test-code', 'ann@example.org')).toContain(
      'printed it in its own terminal',
    )
  })

  const [link = ''] = (await admin('invite', '--uses', '2')).split('\n')
  const ann = await open()
  await test.step('an invitation admits as many people as it says', async () => {
    await expect(ann.page.getByText('You need an invitation to join.')).toBeVisible()
    await look(ann.page, 'door-by-invitation')
    await ann.page.goto(link)
    await ann.signUpByPhone('+4915123456789', 'Ann who runs it')
    await expect(ann.page.getByText('can send them an invitation')).toBeVisible()
    await ann.page.goto('/#/settings/invitations')
    await expect(ann.page.getByText('Members can’t invite people on this server.')).toBeVisible()
    await look(ann.page, 'members-do-not-invite')
  })
  const bo = await open()
  await test.step('a second person joins, and a third is refused', async () => {
    await bo.page.goto(link)
    await bo.signUpByEmail('bo@example.org', 'Bo who leaves')
    const cy = await open()
    await cy.page.goto(link)
    await expect(cy.page.getByText('This invitation doesn’t work.')).toBeVisible()
    await look(cy.page, 'invitation-used-up')
    await cy.context.close()
  })

  await test.step('two people talk', async () => {
    await bo.startConversation('Ann who runs it', 'ecdh')
    await bo.send(secret)
    await ann.acceptRequest()
    await ann.sees(secret)
    await ann.send('and the owl at dusk')
    await bo.sees('and the owl at dusk')
  })

  const { accounts } = JSON.parse(await admin('accounts', 'Bo', '--json'))
  const { accountId } = accounts[0]
  await test.step('an account is suspended and resumed', async () => {
    await admin('suspend', accountId, '--yes')
    await expect(bo.page.getByText('Your account is suspended.')).toBeVisible()
    await expect(bo.page.getByText('You need an invitation to join.')).toBeHidden()
    await look(bo.page, 'account-suspended')
    await admin('resume', accountId)
    await bo.logInByPassword('bo@example.org')
    await bo.openConversation('Ann who runs it')
  })

  await test.step('an account is removed without a trace', async () => {
    let logs = await logsOf(sotto.dataFolder)
    const wiretap = new Wiretap({
      databaseUrl: await databaseUrlOf(sotto.dataFolder),
      logs: () => logs,
      traffic: () => [],
    })
    expect(await wiretap.find(accountId)).not.toEqual([])
    await admin('remove', accountId, '--yes')
    // Shown even if the log-in form was the last page that the person opened.
    await expect(bo.page.getByText('Your account is no longer on this server.')).toBeVisible()
    await look(bo.page, 'account-removed')
    await expect(ann.page.getByText('This conversation has ended.')).toBeVisible()
    await look(ann.page, 'ended-conversation')
    logs = await logsOf(sotto.dataFolder)
    const traces = [accountId, 'bo@example.org', 'Bo who leaves', secret]
    await eventually('nothing to be found', async () => {
      const found = await Promise.all(traces.map((trace) => wiretap.find(trace)))
      return found.flat().length === 0
    })
    // The removed person's page was refused in the end, and its console says so.
    people.splice(people.indexOf(bo), 1)
    await bo.context.close()
  })

  const key = join(backups, 'key')
  const backup = await test.step('an encrypted backup is taken', async () => {
    const { stdout: made } = await runCommand('backup', ['--new-key', key])
    const recipient = made.match(/^BACKUP_RECIPIENT=(.*)$/m)?.[1] ?? ''
    const taken = await runCommand('backup', ['--to', backups, '--recipient', recipient], {
      SOTTO_DATA: sotto.dataFolder,
    })
    const file = taken.stdout.match(/^(\S+\.backup\.age): /)?.[1] ?? ''
    expect(file).toContain(backups)
    return file
  })

  await sotto.stop()
  await using elsewhere = await DomainProcess.prepare(domain, ports, later, house)
  await test.step('another machine takes over, and the open page continues', async () => {
    const restored = await runCommand('restore', [backup, '--identity', key], {
      SOTTO_DATA: elsewhere.dataFolder,
    })
    expect(restored).toMatchObject({ status: 0, stderr: '' })
    await elsewhere.start()
    await ann.page.goto('/#/settings/devices')
    await expect(ann.page.getByText('this one')).toBeVisible()
    await ann.showConversation('Bo who leaves')
    await ann.sees(secret)
  })
  await test.step('its certificate is renewed', async () => {
    const first = await certificateAt(ports.https, domain)
    await eventually('another certificate', async () => {
      const now = await certificateAt(ports.https, domain).catch(() => undefined)
      return now && now.serialNumber !== first.serialNumber
    })
  })
  // A used-up invitation, and an account that no longer exists.
  for (const person of people) for (const status of [403, 404]) person.forgive(status)
  expect(people.flatMap(({ troubles }) => troubles)).toEqual([])
})
