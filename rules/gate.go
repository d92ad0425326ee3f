package rules

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// A gate tells quickly that a text holds none of some words. It looks at every
// second place of the text as it stands: at four bytes for a word that begins
// there or one before, at the last three of them for a word of four letters that
// begins one after.
type gate struct {
	bits  [1 << 16 / 64]uint64
	short [1 << 16 / 64]uint64
	words [1 << 13][]gated // by the hashes of those bytes
}

type gated struct {
	word   string
	gram   uint32 // its first four bytes, folded
	within bool   // it may stand within a longer word
	opens  opening
}

// An opening is how far a gate is open.
type opening uint8

const (
	shut opening = iota
	ajar         // for rules that need to be told that something failed
	wide         // for all
)

const fold = 0x20202020

func gramAt(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func hash16(gram uint32) uint32 { return gram * 0x9E3779B1 >> 16 }

// add enters word, which is in lower case and has four letters or more.
func (g *gate) add(word string, opens opening) {
	k := stemAt[gramAt(word, 0)*0x9E3779B1>>22]
	entry := gated{word, gramAt(word, 0) | fold, k > 0 && stems[k-1] == word, opens}
	enter := func(bits *[1 << 16 / 64]uint64, gram uint32) {
		h := hash16(gram)
		if list := g.words[h>>3]; !slices.Contains(list, entry) {
			g.words[h>>3] = append(list, entry)
		}
		bits[h/64] |= 1 << (h % 64)
	}
	enter(&g.bits, gramAt(word, 0)|fold)
	if len(word) > 4 {
		enter(&g.bits, gramAt(word, 1)|fold)
	} else {
		enter(&g.short, (gramAt(word, 0)|fold)<<8)
	}
}

// open says how far the words that stand in b open the gate; it looks no further
// when that is enough.
func (g *gate) open(b []byte, enough opening) (how opening) {
	for i := 0; i+4 <= len(b) && how < enough; i += 2 {
		gram := binary.LittleEndian.Uint32(b[i:]) | fold
		if h := hash16(gram); g.bits[h/64]&(1<<(h%64)) != 0 {
			how = max(how, g.check(b, i-1, h))
		}
		if h := hash16(gram &^ 0xff); g.short[h/64]&(1<<(h%64)) != 0 {
			how = max(how, g.check(b, i+1, h))
		}
	}
	return how
}

// check looks for the words of hash h at b[from] and b[from+1].
func (g *gate) check(b []byte, from int, h uint32) (how opening) {
	var first, second uint32 // what stands there, if something does
	if from >= 0 && from+4 <= len(b) {
		first = binary.LittleEndian.Uint32(b[from:]) | fold
	}
	if from+5 <= len(b) {
		second = binary.LittleEndian.Uint32(b[from+1:]) | fold
	}
	list := g.words[h>>3]
	for k := range list {
		w := &list[k]
		at := from
		if w.gram != first {
			if at++; w.gram != second {
				continue
			}
		}
		if how < w.opens && len(b)-at >= len(w.word) && equalFold(b[at:at+len(w.word)], w.word) && (w.within || startsAt(b, at)) {
			how = w.opens
		}
	}
	return how
}

// startsAt reports whether a word begins at b[i].
func startsAt(b []byte, i int) bool {
	return i == 0 || starts(b[i-1], b[i], b[i+1:]) || i > 1 && escape(b[i-2:])
}

// stems are parts of words that most rules have one of; the rarest in innocent
// texts stand first.
var stems = strings.Fields(`
	auth token passw creden login logon signin csrf xsrf saml oidc openid kerber ntlm ldap jwks revo expir malform forbid aadsts
	signature certific session cookie denied reject refus invalid blacklist banned blocked locked disabled brute throttl
	permis privil scope audience issuer algorithm nonce pkce redirect secret apikey hmac htpasswd spnego krb5 keytab
	bcrypt segment attempt incorrect unknown wrong mismatch unreach timeout unavail timed unsuccess`)

// plain are words that stand in so many innocent entries that they are no gate,
// unless a pattern has no other.
var plain = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`error failed failure request response server client access found message exception could cannot
		unable missing value required header status service connection because address resource object method account provided match
		matches check does application expected contain username should without number empty config configuration policy with from
		user used users path https http this that have name time been limit page code data exist handled over long longer list
		requests table file files load loaded loading start started starting process current remote record read reading reset
		returned state type update context control date default database connecting connect network environment entry field format
		group mail operation operations outside parameter past public query received reached result results role running selection
		socket source string strings subject successful successfully supported system such three upstream version watch worker again
		allow allowed already answered before between country create created delete deleted different double email enabled existing
		factor feature fetch future getting include issued known location look lookup many matched matching member mechanism middleware
		mutual near need obtain pending present possible please post checking checks clock closed complete connections continue
		controller correct directory full have into listening mapped modified network notice please reading registered reload rotated
		rotating rate route session sent set sign specified such suitable table was were will xml zone within`) {
		m[w] = true
	}
	return m
})

// everyday are the plain words that are no gate while a pattern has another plain one.
const everyday = " request requests response process status server client user users with http message service started completed session time "

// stemAt finds stems by the hash of their first four letters.
var stemAt = func() (t [1 << 10]uint8) {
	for i := len(stems) - 1; i >= 0; i-- {
		t[gramAt(stems[i], 0)*0x9E3779B1>>22] = uint8(i + 1) // that of a lower rank may hide one of a higher: it is a hint only
	}
	return t
}()

func isEveryday(w string) bool { return strings.Contains(everyday, " "+w+" ") }

// asciiLower is strings.ToLower of ASCII alone, as texts are compared.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r |= 0x20
		}
		return r
	}, s)
}

// gateWord returns the word of pattern s that a gate should look for: a stem,
// else the longest that isn't plain, "" if there is none of four letters.
func gateWord(s string) string {
	lower := asciiLower(s)
	stem := len(stems)
	for i := 0; i+4 <= len(lower); i++ {
		if k := int(stemAt[gramAt(lower, i)*0x9E3779B1>>22]) - 1; k >= 0 && k < stem && strings.HasPrefix(lower[i:], stems[k]) {
			stem = k
		}
	}
	if stem < len(stems) {
		return stems[stem]
	}
	best, bestPlain := "", ""
	for i := 0; i < len(lower); {
		from := i
		for i < len(lower) && lower[i] < 0x80 && isAlnum(lower[i]) {
			i++
		}
		switch w := lower[from:i]; {
		case len(w) < 4:
		case plain()[w]:
			if known := isEveryday(bestPlain); bestPlain == "" || known == isEveryday(w) && len(w) > len(bestPlain) || known && !isEveryday(w) {
				bestPlain = w
			}
		case len(w) > len(best):
			best = w
		}
		i++
	}
	if best == "" && bestPlain == "" { // short words, or of other letters, found as they are written
		for part := range strings.SplitSeq(lower, "*") {
			if len(part) >= 4 && len(part) > len(best) {
				best = part
			}
		}
	}
	if best == "" {
		return bestPlain
	}
	return best
}
