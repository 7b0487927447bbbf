import { replaceModule } from './replace-module.ts'

const broker = 'packages/service-runtime/src/broker'
replaceModule(`${broker}/topics.ts`, new URL('./disturbed-topics.ts', import.meta.url))
replaceModule(`${broker}/rabbitmq/send-work.ts`, new URL('./repeated-commands.ts', import.meta.url))
