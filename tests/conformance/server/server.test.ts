import { afterAll, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { conversations } from './cases/conversations.ts'
import { frames } from './cases/frames.ts'
import { loggingIn } from './cases/logging-in.ts'
import { lostSessions } from './cases/lost-sessions.ts'
import { people } from './cases/people.ts'
import { requestsInGeneral } from './cases/requests-in-general.ts'
import { revocation } from './cases/revocation.ts'
import { ServerStage } from './server-stage.ts'

let stage: ServerStage

beforeAll(async () => {
  stage = await ServerStage.start()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

const subjects = [
  requestsInGeneral,
  loggingIn,
  lostSessions,
  people,
  revocation,
  conversations,
  frames,
]
testSubjects(subjects, () => stage)
