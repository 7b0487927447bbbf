import { t } from '@lingui/core/macro'
import { useState } from 'react'
import { type Failure, failureOf } from '../../client/errors/failure.ts'
import { useKeptChoice } from '../../kept-choice.ts'
import { type Theme, useTheme } from '../../theme.ts'
import { type Choice, ChoiceCards } from '../../ui/forms/choice-cards.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { languages, languageTags } from '../../words/languages.ts'
import { chooseLanguage, chosenLanguage, type LanguageChoice } from '../../words/speaking.ts'

const themes = (): readonly Choice<Theme>[] => [
  { value: 'system', title: t`System` },
  { value: 'light', title: t`Light` },
  { value: 'dark', title: t`Dark` },
  { value: 'contrast', title: t`High contrast`, text: t`Light or dark, like your system.` },
]

const languageChoices = (): readonly Choice<LanguageChoice>[] => [
  { value: 'system', title: t`Browser language` },
  ...languageTags.map((tag) => ({ value: tag, title: languages[tag].name })),
]

/** Chooses colors and language, for this browser. */
export function Appearance() {
  const [theme, chooseTheme] = useTheme()
  return (
    <>
      <ChoiceCards legend={t`Theme`} choices={themes()} value={theme} onChange={chooseTheme} />
      <Language />
    </>
  )
}

function Language() {
  const [language] = useKeptChoice(chosenLanguage)
  /** Chosen, while its words are loading. */
  const [wanted, setWanted] = useState<LanguageChoice | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const choose = async (choice: LanguageChoice) => {
    setFailure(null)
    setWanted(choice)
    try {
      await chooseLanguage(choice)
    } catch (thrown) {
      setFailure(failureOf(thrown))
    }
    setWanted(null)
  }
  return (
    <>
      <ChoiceCards
        legend={t`Language`}
        choices={languageChoices()}
        value={wanted ?? language}
        onChange={choose}
      />
      <FailureNotice failure={failure} />
    </>
  )
}
