import { LOG_IN, STAGE } from './account/state/account-stages.ts'
import { OUTBOX_ITEM } from './sending/outbox-states.ts'
import { CONNECTION } from './transport/connection-states.ts'
import { ERA_GATE } from './transport/era-gate-states.ts'

/** The SDK's state tables, for tests and documents. */
export const stateTables = {
  logIn: LOG_IN,
  stage: STAGE,
  connection: CONNECTION,
  eraGate: ERA_GATE,
  outboxItem: OUTBOX_ITEM,
}
