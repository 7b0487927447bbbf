import {
  createWorkSender as createGoodSender,
  type WorkSender,
} from '../../../packages/service-runtime/src/broker/rabbitmq/send-work.ts'
import { isDisturbed, random } from './disturbance.ts'

export * from '../../../packages/service-runtime/src/broker/rabbitmq/send-work.ts'

/** Not a bug: commands arrive twice, as they do after a consumer was lost. They are never dropped. */
export function createWorkSender(...deps: Parameters<typeof createGoodSender>): WorkSender {
  const sender = createGoodSender(...deps)
  return {
    ...sender,
    async sendCommand(command) {
      await sender.sendCommand(command)
      if (isDisturbed() && random() < 0.2) await sender.sendCommand(command)
    },
  }
}
