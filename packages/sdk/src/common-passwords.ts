/**
 * Passwords that are tried first by everybody who guesses. All have at least ten characters: shorter
 * ones are refused by their length. Compared in lower case, without what people put at the end.
 */
const COMMON = new Set(
  `1234567890 12345678910 0123456789 9876543210 0987654321 1029384756 1111111111 0000000000
  1234512345 1231231234 1212121212 1122334455 123123123123 123456123456 1q2w3e4r5t 1qaz2wsx3edc
  q1w2e3r4t5 qwertyuiop qwertzuiop azertyuiop asdfghjkl1 zxcvbnm123 qwerty12345 qwerty123456
  qwertyqwerty asdfasdfasdf abcdefghij abcdefghijk abcd123456 abc1234567 aaaaaaaaaa
  password password1 password12 password123 password1234 password12345 passwordpassword passw0rd
  p@ssw0rd p@ssword12 pa55word12 mypassword newpassword letmeinplease letmein123 changeme123
  administrator adminadmin admin12345 admin123456 welcome123 welcome1234 iloveyou12 iloveyou123
  iloveyou1234 ilovemyself sunshine12 princess12 football12 baseball12 basketball superman12
  batmanbatman liverpool1 manchester christopher michelle123 jacqueline alexander1 elizabeth1
  dragon12345 monkey12345 master12345 computer12 internet12 secret12345 trustno1trustno1
  passwort123 passwort1234 hallohallo schatz1234 geheim1234 fussball12 bayernmunchen
  contrasena contraseña motdepasse1 bonjour123 soleil1234 jetaime123 senha12345 senha123456
  correcthorsebatterystaple whatever12 unbelievable starwars12 pokemon123 minecraft1 minecraft12
  samsung123 spiderman1 blink182182 metallica1 happybirthday 1234567891 12345678901 123456789012
  12345678900 123456789a a123456789 123456789q 147258369 1472583690 7894561230 741852963 7418529630
  3216549870 1357924680 2468013579 1010101010 2222222222 5555555555 6666666666 7777777777 8888888888
  9999999999`.split(/\s+/),
)

/** Whether a password is among those that are guessed first, whatever stands at its end. */
export function isCommonPassword(password: string): boolean {
  const plain = password.normalize('NFC').toLowerCase()
  const withoutEnd = plain.replace(/[!?.,*#$_-]+$/, '')
  const isOneCharacter = new Set(plain).size === 1
  return isOneCharacter || COMMON.has(plain) || COMMON.has(withoutEnd)
}
