import { afterAll, afterEach, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { craftedMessages } from './cases/crafted-messages.ts'
import { craftedRecords } from './cases/crafted-records.ts'
import { oldCopies } from './cases/old-copies.ts'
import { strictAnswers } from './cases/strict-answers.ts'
import { ClientStage } from './client-stage.ts'

let stage: ClientStage

beforeAll(async () => {
  stage = await ClientStage.start()
})
afterEach(() => stage?.calm())
afterAll(() => stage?.[Symbol.asyncDispose]())

testSubjects([craftedMessages, craftedRecords, oldCopies, strictAnswers], () => stage)
