import { afterAll, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { boxes } from './cases/boxes.ts'
import { connections } from './cases/connections.ts'
import { conversations } from './cases/conversations.ts'
import { hints } from './cases/hints.ts'
import { loggingIn } from './cases/logging-in.ts'
import { logs } from './cases/logs.ts'
import { lostSessions } from './cases/lost-sessions.ts'
import { people } from './cases/people.ts'
import { records } from './cases/records.ts'
import { requestsInGeneral } from './cases/requests-in-general.ts'
import { revocation } from './cases/revocation.ts'
import { sending } from './cases/sending.ts'
import { sessions } from './cases/sessions.ts'
import { wraps } from './cases/wraps.ts'
import { ServerStage } from './server-stage.ts'

let stage: ServerStage

beforeAll(async () => {
  stage = await ServerStage.start()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

const subjects = [
  requestsInGeneral,
  loggingIn,
  sessions,
  wraps,
  lostSessions,
  records,
  people,
  boxes,
  revocation,
  conversations,
  logs,
  connections,
  sending,
  hints,
]
testSubjects(subjects, () => stage)
