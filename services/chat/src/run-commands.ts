import type { Broker } from '@sotto/service-runtime'
import type { Command } from '@sotto/wire'
import type { ChatContext } from './context.ts'
import { createTypingAnnouncer } from './domain/conversations/announce-typing.ts'
import { recordReceipts } from './domain/conversations/record-receipts.ts'
import { acceptBatch } from './domain/envelopes/accept-batch.ts'
import type { Measures } from './measure.ts'

/**
 * Runs the commands of websocket instances, which have verified the `actor`. Rejects if nothing was
 * done, so that the broker retries the command.
 */
export function createCommandRunner(
  context: ChatContext,
  broker: Broker,
  measures: Measures,
): (command: Command) => Promise<void> {
  const announceTyping = createTypingAnnouncer(context, broker)

  async function run(command: Command) {
    switch (command.type) {
      case 'envelopes.accept': {
        const { batchId, replyTo, envelopes } = command
        const startedAt = performance.now()
        const verdicts = await acceptBatch(context, envelopes)
        measures.batchDecided(verdicts, (performance.now() - startedAt) / 1000)
        await broker.publishToInstance(replyTo, { type: 'batch.decided', batchId, verdicts })
        return
      }
      case 'receipts.record':
        return recordReceipts(context, command.receipts)
      case 'typing.announce':
        return announceTyping(command)
    }
  }

  return async (command) => {
    // Commands stay unacknowledged in the meantime: the queue fills, websocket instances wait,
    // devices slow down.
    await context.outbox.room()
    measures.commandStarted()
    await run(command).finally(measures.commandEnded)
  }
}
