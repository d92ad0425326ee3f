package leak

import "bytes"

// A grade says what a value looks like, by itself.
type grade uint8

const (
	nothing    grade = iota // empty, a placeholder, a redaction, a reference, a hash
	prose                   // a word of a sentence
	shown                   // 9 to 15 characters beside a mask: a warning
	plain                   // anything else: a credential where a name says so
	tokenLike               // letters and digits, as only a machine writes them
	recognised              // of a known form
)

// shapes are the first letters and lengths of a set's words: most of what is looked
// up in a set is none of them, which shows sooner than by hashing.
type shapes [256]uint64

func shapesOf(set map[string]bool) *shapes {
	var s shapes
	for w := range set {
		s.add(w)
	}
	return &s
}

func (s *shapes) add(w string) {
	if w != "" {
		s[w[0]] |= 1 << min(len(w), 63)
	}
}

// may reports whether the set may hold w.
func (s *shapes) may(w []byte) bool {
	return len(w) > 0 && s[w[0]]>>min(len(w), 63)&1 != 0
}

// assess grades v, a value alone. Where a JWT, a mask or a known form decides,
// that is final; else the caller weighs it against the name.
func assess(v []byte) grade {
	v = trimValue(v)
	if len(v) == 0 || isPlaceholder(v) || isHash(v) || isSample(v) {
		return nothing
	}
	if isPublic(v) {
		return nothing
	}
	if g, ok := masked(v); ok {
		return g
	}
	if len(v) > 12 && v[0] == 'e' && v[1] == 'y' && josePart(v) {
		return gradeJWT(v)
	}
	if f := formOf(v); f != nil {
		if _, ok := formAt(f, v); ok {
			return recognised
		}
	}
	if isToken(v) {
		return tokenLike
	}
	if isProse(v) {
		return prose
	}
	return plain
}

// isPublic reports whether v is a key that its vendor means to be seen: of Stripe,
// Mapbox and PostHog.
func isPublic(v []byte) bool {
	return v[0] == 'p' && (hasPrefix(v, "pk_live_") || hasPrefix(v, "pk_test_") || hasPrefix(v, "pk.eyJ") || hasPrefix(v, "phc_"))
}

// gradeJWT applies the policy to a token that begins with a JOSE header: only the
// signature makes it usable.
func gradeJWT(v []byte) grade {
	j := parseJWT(v)
	if j.signature >= 8 {
		return recognised
	}
	if j.signature > 0 || j.payload == 0 && j.end < len(v) && j.end > 160 {
		return shown
	}
	return nothing
}

// trimValue takes the punctuation of a sentence off.
func trimValue(v []byte) []byte {
	for len(v) > 0 && (isSpace(v[0]) || v[0] == '"' || v[0] == '\'' || v[0] == '`') {
		v = v[1:]
	}
	for len(v) > 0 {
		switch v[len(v)-1] {
		case ' ', '\t', '\r', '\n', '"', '\'', '`', ',', ';', ':':
			v = v[:len(v)-1]
			continue
		}
		break
	}
	return v
}

// lowerAlnum appends v's letters and digits, lower case.
func lowerAlnum(dst, v []byte) []byte {
	for _, c := range v {
		if isDigit(c) {
			dst = append(dst, c)
		} else if isAlpha(c) {
			dst = append(dst, c|0x20)
		} else if c >= 0x80 {
			dst = append(dst, 'u')
		}
	}
	return dst
}

// small appends v with its letters in lower case.
func small(dst, v []byte) []byte {
	for _, c := range v {
		if c-'A' < 26 {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

func hasPrefix(v []byte, p string) bool { return len(v) >= len(p) && string(v[:len(p)]) == p }
func hasSuffix(v []byte, p string) bool { return len(v) >= len(p) && string(v[len(v)-len(p):]) == p }

// isHash reports whether v says that it is a hash: sha256:..., hmac:..., hash(sha1)=...,
// perhaps after a vendor's prefix.
func isHash(v []byte) bool {
	if f := formOf(v); f != nil {
		v = v[len(f.prefix):]
	}
	if len(v) == 0 {
		return false
	}
	if isCrypt(v) {
		return true
	}
	n := 0
	for n < len(v) && n < 16 && (wordChar[v[n]] || v[n] == '(' || v[n] == ')') {
		n++
	}
	if n == len(v) || v[n] != ':' && v[n] != '=' {
		return false
	}
	var buf [16]byte
	w := lowerAlnum(buf[:0], v[:n])
	for _, h := range [...]string{"md5", "sha", "hmac", "hash", "fingerprint", "fpr", "crc", "blake", "bcrypt", "argon", "scrypt", "pbkdf"} {
		if hasPrefix(w, h) {
			return true
		}
	}
	return false
}

// isCrypt reports whether v begins as the hashes of crypt(5), LDAP and frameworks do.
func isCrypt(v []byte) bool {
	for _, h := range crypts[v[0]] {
		if hasPrefix(v, h) {
			return true
		}
	}
	return false
}

// crypts are what such hashes begin with, by their first byte.
var crypts = [256][]string{
	'$': {"$2a$", "$2b$", "$2y$", "$argon2", "$1$", "$5$", "$6$", "$y$", "$pbkdf2"},
	'{': {"{SSHA", "{SHA", "{CRYPT}", "{bcrypt}"},
	'p': {"pbkdf2_sha"}, 's': {"scrypt:"}, 'a': {"argon2"},
}

// masked counts what a masked value still shows. It reports false for a value
// without an explicit mask.
func masked(v []byte) (grade, bool) {
	if f := formOf(v); f != nil { // a vendor's prefix isn't the secret's own
		v = v[len(f.prefix):]
		if len(v) == 0 || isPlaceholder(v) {
			return nothing, true
		}
	}
	for i := 0; i < len(v) && (v[i] == '*' || v[i] == '.' || v[i] >= 0x80); i++ {
		if i > 0 && isHash(v[i+1:]) {
			return nothing, true
		}
	}
	if !mayMask(v) {
		return 0, false
	}
	visible, mask, run, tail := 0, 0, 0, 0
	for i := 0; i < len(v); {
		c := v[i]
		w, isMask := 1, false
		switch {
		case c == '*' || c == '#':
			isMask = true
		case c == '.':
			for i+w < len(v) && v[i+w] == '.' {
				w++
			}
			isMask = w >= 2
		case c|0x20 == 'x':
			for i+w < len(v) && v[i+w] == c {
				w++
			}
			isMask = w >= 4
		case c >= 0x80: // ••••, ████, …
			for i+w < len(v) && v[i+w] >= 0x80 && v[i+w] < 0xC0 {
				w++
			}
			isMask = c == 0xE2
		}
		if isMask {
			run++
			mask += w
			tail = 0
		} else if c != '.' || i > 0 && v[i-1] != '*' {
			visible += w
			tail += w
		}
		i += w
	}
	switch {
	case mask == 0:
		return 0, false
	case mask == 1 && run == 1 && visible > 0: // a single star or number sign inside is a character
		return 0, false
	case visible == 0:
		return nothing, true
	}
	dots := bytes.Count(v, []byte(".."))
	stars := bytes.Count(v, []byte("**")) + bytes.Count(v, []byte("\xe2"))
	if dots == 0 && stars == 0 && mask < 4 && visible > 8 { // "a*b#c": a password's own characters
		return 0, false
	}
	if dot := bytes.IndexByte(v, '.'); dot >= 0 && tail >= 43 { // ***.payload.signature
		return recognised, true
	}
	if j := bytes.IndexByte(v, '.'); hasPrefix(v, "eyJ") && j < 0 || hasPrefix(v, "eyJ") && gradeJWT(v) == nothing && tail < 16 {
		return nothing, true
	}
	switch {
	case visible >= 16 || visible*2 >= len(v) && visible > 8:
		return plain, true
	case visible > 8:
		return shown, true
	}
	return nothing, true
}

// mayMask reports whether anything in v may be a mask.
func mayMask(v []byte) bool {
	for i, c := range v {
		if maskChars[c] && (c != '.' && c|0x20 != 'x' || i+1 < len(v) && v[i+1] == c) {
			return true
		}
	}
	return false
}

var maskChars = [256]bool{'*': true, '#': true, '.': true, 'x': true, 'X': true}

// isToken reports whether v is what a machine wrote: long, of one run, and with
// digits among letters or capitals among small letters.
func isToken(v []byte) bool {
	if len(v) < 16 {
		return false
	}
	var n [numTokenKinds]int
	turns := 0
	last := otherKind
	for _, c := range v {
		k := tokenKinds[c]
		switch {
		case k == noKind:
			return false
		case k == otherKind:
			n[otherKind]++
			continue
		case k != last && last != otherKind:
			turns++
		}
		n[k]++
		last = k
	}
	digits, lowerN, upperN := n[digitKind], n[lowerKind], n[upperKind]
	if digits > 0 && lowerN+upperN > 0 {
		return turns*5 >= len(v)-n[otherKind] || turns >= 6
	}
	return lowerN > 3 && upperN*10 >= 3*len(v) && turns*10 >= 3*len(v) // CamelCase has fewer capitals
}

// The kinds of characters of which machines make tokens.
const (
	noKind uint8 = iota
	otherKind
	digitKind
	lowerKind
	upperKind
	numTokenKinds
)

var tokenKinds [256]uint8

// isProse reports whether v is a word as sentences have them: letters with at
// most a hyphen, an apostrophe or a full stop.
func isProse(v []byte) bool {
	if len(v) > 24 {
		return false
	}
	capitals := 0
	for i, c := range v {
		if isAlpha(c) {
			if i > 0 && c < 'a' {
				capitals++
			}
			continue
		}
		if (c == '!' || c == '?') && i+1 < len(v) && isAlpha(v[i+1]) {
			return false
		}
		if c == '-' || c == '_' || c == '\'' || c == '.' || c == '!' || c == '?' || c == ')' || c == '/' || c == '(' {
			continue
		}
		return false
	}
	return capitals <= 1 || capitals == len(v)-1
}

// hasClock reports whether v is a date and a time, 04/Mar/2026:05:06:07.
func hasClock(v []byte) bool {
	for i := 2; i+5 < len(v) && len(v) <= 32; i++ {
		if v[i] == ':' && v[i+3] == ':' && isDigit(v[i-2]) && isDigit(v[i-1]) && isDigit(v[i+1]) && isDigit(v[i+2]) && isDigit(v[i+4]) && isDigit(v[i+5]) {
			return true
		}
	}
	return false
}

// isAddress reports whether v is a place in memory, 0x000055d1.
func isAddress(v []byte) bool {
	if len(v) < 4 || len(v) > 18 || v[0] != '0' || v[1] != 'x' {
		return false
	}
	for _, c := range v[2:] {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// isUUID reports whether v is a UUID.
func isUUID(v []byte) bool {
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !isHex(c) {
			return false
		}
	}
	return true
}

// hexOnly reports whether v is hexadecimal digits.
func hexOnly(v []byte) bool {
	for _, c := range v {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// isObjectID reports whether v is an identifier as MongoDB makes them.
func isObjectID(v []byte) bool {
	for _, c := range v {
		if !isHex(c) {
			return false
		}
	}
	return len(v) == 24
}

// isFile reports whether v ends as the name of a file does, in a dot and a few letters.
func isFile(v []byte) bool {
	dot := lastDot(v)
	return dot > 0 && len(v)-dot <= 5 && len(v)-dot > 2 && isPlainName(v[dot+1:])
}

// sentenceWords are what sentences have and passphrases hardly.
var sentenceWords = set("is must be the a an not this was has cannot should required invalid incorrect wrong too at least please enter field does match or your been may can too short long weak needs contain "+
	"are and of to in with will no blank empty expired changed by from allowed missing failed", " ")

// isSentence reports whether v is a sentence: what validators say of a password.
func isSentence(v []byte) bool {
	words := 0
	for len(v) > 0 {
		n := bytes.IndexByte(v, ' ')
		if n < 0 {
			n = len(v)
		}
		var buf [16]byte
		if n > 0 && n <= 12 && sentenceWords[string(lowerAlnum(buf[:0], v[:n]))] {
			words++
		}
		v = v[min(n+1, len(v)):]
		if words >= 2 {
			return true
		}
	}
	return false
}

// chosen reports whether v is what people choose as a password, and no word: letters
// and digits, or letters of both cases and a sign.
func chosen(v []byte) bool {
	if mixed(v) {
		return true
	}
	capitals, signs := 0, 0
	for _, c := range v {
		switch {
		case c >= 'A' && c <= 'Z':
			capitals++
		case bytes.IndexByte([]byte("!#$%&*@^+=~?"), c) >= 0:
			signs++
		case !isAlpha(c):
			return false
		}
	}
	return len(v) >= 8 && (signs > 0 && capitals >= 2 && capitals+signs < len(v) || signs == 0 && shuffled(v))
}

// shuffled reports whether v, of letters alone, is no name made of words: it has more
// runs of capitals than one with an abbreviation, or more consonants in a row.
func shuffled(v []byte) bool {
	runs, capitals, all, row, hard := 0, 0, 0, 0, false
	for _, c := range v {
		if c >= 'a' {
			capitals = 0
		} else if all, capitals = all+1, capitals+1; capitals == 2 {
			runs++
		}
		if bytes.IndexByte([]byte("aeiouy"), c|0x20) >= 0 {
			row = 0
		} else if row++; row >= 6 {
			hard = true
		}
	}
	return len(v) >= 10 && all >= 2 && all < len(v) && (runs >= 2 || hard)
}
