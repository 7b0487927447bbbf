import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ConversationId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { TestDevice } from '../../network/device.ts'
import { TestNetwork } from '../../network/network.ts'
import { Recording } from './recording.ts'
import { render } from './render.ts'
import { StableValues } from './stable-values.ts'
import { playStory } from './story.ts'

const file = fileURLToPath(new URL('../../../docs/transcript.md', import.meta.url))

const preface = `# A transcript

A single story as it travels between three devices and a server: every request, every answer and every
frame, in order. Everything is shown as it was sent, except random values: \`<…>\` replaces an id, a key, a
token or a time, and the same value always has the same words. Payloads of statements and the contents of
ciphertexts are shown where they first occur. The devices do only what the story needs; a client reads
more. [PROTOCOL.md](../PROTOCOL.md) explains it.

A test plays the story and compares: \`UPDATE_TRANSCRIPT=1 npm run unit -- tests/conformance/transcript\`
writes this page again.`

test('docs/transcript.md matches the recorded story', async () => {
  await using network = await TestNetwork.start()
  const recording = new Recording()
  const values = new StableValues()

  const { bob, talks } = await playStory(network, recording, values)

  const transcript = `${preface}\n\n${render(recording.entries, values)}\n`
  if (process.env.UPDATE_TRANSCRIPT === '1') writeFileSync(file, transcript)
  expect(transcript).toBe(readFileSync(file, 'utf8'))

  // The raw devices are simpler than a client, so a real client reads their messages as well.
  const device = await TestDevice.open(network, "Bob's tablet")
  const { challengeId } = await device.commands.startPhone(bob.account.phone)
  const code = await network.codeFor(bob.account.phone)
  await device.commands.verifyPhone(challengeId, code)
  await device.commands.unlockWithRecoveryCode(bob.account.recoveryCode)
  const [ecdh, rsa] = talks.map(({ id }) => id) as [ConversationId, ConversationId]
  await device.online()
  expect(await device.wholeHistory(ecdh, 3)).toHaveLength(3)
  expect(await device.wholeHistory(rsa, 1)).toEqual(['Now in RSA.'])
  expect([...device.notices(ecdh), ...device.notices(rsa), ...device.failures]).toEqual([])
  await device.close()
})
