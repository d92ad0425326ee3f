package rules

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// gap is how many squashed bytes a '*' in a pattern may stand for; never the end of a sentence.
const gap = 40

// reach is the gap behind a word that says something of the next noun: in
// "unknown locale in the session of a user" the user isn't unknown.
const reach = 16

var adjectives = map[string]bool{"unknown": true, "missing": true, "no": true, "empty": true}

// A pattern is a text to find: parts that follow one another within gap bytes,
// each at the beginning of a word.
type pattern struct {
	parts   []string // squashed
	gap     int      // how far its second part may be from the first
	inWord  bool     // both ends must be ends of words
	figures bool     // has digits: a hexadecimal number may hold it by chance
	name    string   // not empty: it must stand as written, in any case if it has no capital
	whole   bool     // a name that is no part of a longer one
	capital bool     // the name has capitals
	id      int32    // of the set's patterns
	indexed bool     // the index finds it; too short else
}

func newPattern(s string, words bool) pattern {
	p := pattern{inWord: words, parts: make([]string, 0, 1+strings.Count(s, "*"))}
	blank := false
	for i := range len(s) {
		blank = blank || s[i] == ' ' || s[i] == '*'
		p.figures = p.figures || classes[s[i]]&digit != 0
		p.capital = p.capital || classes[s[i]]&capital != 0
		if s[i] == '_' || p.capital {
			p.name = s
		}
	}
	if words || blank {
		p.name = ""
	}
	for rest, more := s, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "*")
		if part = squash(part); part != "" {
			p.parts = append(p.parts, part)
		}
	}
	p.gap = gap
	if len(p.parts) > 1 && adjectives[p.parts[0]] {
		p.gap = reach
	}
	return p
}

// may reports whether the index leaves it open that p stands in h.
func (p *pattern) may(h *hay) bool {
	return h.may[p.id/64]&(1<<(p.id%64)) != 0
}

// find returns where p stands in h.text[in.from:in.to].
func (p *pattern) find(h *hay, in span) (span, bool) {
	if len(p.parts) == 0 {
		return span{}, false
	}
	for from := in.from; ; from++ {
		if from = h.index(p.parts[0], from, in.to); from < 0 {
			return span{}, false
		}
		if s, ok := p.matchAt(h, from, in.to); ok {
			return s, true
		}
	}
}

// index returns where part begins, at the beginning of a word, in
// h.text[from:to], or -1.
func (h *hay) index(part string, from, to int) int {
	for {
		i := bytes.Index(h.text[from:to], []byte(part))
		if i < 0 || h.edge[from+i] {
			if i >= 0 {
				i += from
			}
			return i
		}
		from += i + 1
	}
}

// matchAt matches p where its first part, which stands at from, begins.
func (p *pattern) matchAt(h *hay, from, limit int) (span, bool) {
	to := from + len(p.parts[0])
	for k, part := range p.parts[1:] {
		far := gap
		if k == 0 {
			far = p.gap
		}
		i := h.index(part, to, min(limit, to+far+len(part)))
		if i < 0 || h.sentenceEnds(to, i) {
			return span{}, false
		}
		to = i + len(part)
	}
	if p.inWord && (to < len(h.text) && !h.edge[to] || p.figures && inNumber(h.raw, int(h.at[from]), int(h.at[to-1])+1)) {
		return span{}, false
	}
	if p.name != "" && !p.written(h, from, to) {
		return span{}, false
	}
	return span{from, to}, true
}

// inNumber reports whether raw[a:z] is a part of a longer hexadecimal number.
func inNumber(raw []byte, a, z int) bool {
	hex := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
	return a > 0 && hex(raw[a-1]) || z < len(raw) && classes[raw[z]]&digit != 0
}

// written reports whether text[from:to] is the pattern's name as written: a
// code or a class that only sounds like these words is none.
func (p *pattern) written(h *hay, from, to int) bool {
	a, z := int(h.at[from]), int(h.at[to-1])+1
	raw := h.raw[a:z]
	if p.capital && string(raw) != p.name || !p.capital && !(len(raw) == len(p.name) && equalFold(raw, p.name)) {
		return false
	}
	part := func(c byte) bool { return isAlnum(c) || c == '_' }
	return !p.whole || (a == 0 || !part(h.raw[a-1])) && (z == len(h.raw) || !part(h.raw[z]))
}

// An index finds which patterns and rules may hold: each pattern is entered under
// four of its bytes, the rarest among all patterns.
type index struct {
	bits  [1 << 16 / 64]uint64 // which hashes of four bytes occur at all
	slots []slot               // open addressing; the zero slot is empty
	shift uint
	entry []entry
}

type slot struct {
	gram  uint32
	first int32 // of the chain of entries, from 1; 0 is an empty slot
}

type entry struct {
	part    string
	offset  int
	pattern int32
	rule    int32 // that the pattern anchors, or -1
	next    int32 // in the chain, from 1; 0 ends it
}

func gramAt(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func hash16(gram uint32) uint32 { return gram * 0x9E3779B1 >> 16 }

// newIndex enters patterns; rules holds, for each, the rule that it anchors, or -1.
func newIndex(patterns []*pattern, rules []int32) *index {
	seen := make([]uint16, 1<<16) // how many patterns hold four bytes of this hash
	for _, p := range patterns {
		for _, part := range p.parts {
			for i := 0; i+4 <= len(part); i++ {
				seen[hash16(gramAt(part, i))]++
			}
		}
	}
	x := &index{shift: 32 - 4, entry: make([]entry, 0, len(patterns))}
	for size := 16; size < 2*len(patterns); size *= 2 {
		x.shift--
	}
	x.slots = make([]slot, 1<<(32-x.shift))
	for k, p := range patterns {
		best, e := 1<<30, entry{pattern: int32(k), rule: rules[k]}
		for _, part := range p.parts {
			for i := 0; i+4 <= len(part); i++ {
				// Of grams equally rare the one of the longer part tells more.
				if c := int(seen[hash16(gramAt(part, i))])*64 - min(63, len(part)); c < best {
					best, e.part, e.offset = c, part, i
				}
			}
		}
		if e.part == "" {
			continue
		}
		p.indexed = true
		gram := gramAt(e.part, e.offset)
		h := hash16(gram)
		x.bits[h/64] |= 1 << (h % 64)
		i := gram * 0x9E3779B1 >> x.shift
		for x.slots[i].first != 0 && x.slots[i].gram != gram {
			i = (i + 1) & uint32(len(x.slots)-1)
		}
		e.next = x.slots[i].first
		x.entry = append(x.entry, e)
		x.slots[i] = slot{gram, int32(len(x.entry))}
	}
	return x
}

// scan sets the bit of every pattern that text may hold, and of every rule that
// one of them anchors; edge tells where words begin.
func (x *index) scan(text []byte, edge []bool, patterns, rules []uint64) {
	for i := 0; i+4 <= len(text); i++ {
		gram := binary.LittleEndian.Uint32(text[i:])
		if h := hash16(gram); x.bits[h/64]&(1<<(h%64)) != 0 {
			x.look(text, edge, i, gram, patterns, rules)
		}
	}
}

func (x *index) look(text []byte, edge []bool, i int, gram uint32, patterns, rules []uint64) {
	for k := gram * 0x9E3779B1 >> x.shift; x.slots[k].first != 0; k = (k + 1) & uint32(len(x.slots)-1) {
		if x.slots[k].gram != gram {
			continue
		}
		for j := x.slots[k].first; j != 0; j = x.entry[j-1].next {
			e := &x.entry[j-1]
			if from := i - e.offset; from >= 0 && edge[from] && len(text)-from >= len(e.part) && string(text[from:from+len(e.part)]) == e.part {
				patterns[e.pattern/64] |= 1 << (e.pattern % 64)
				if e.rule >= 0 {
					rules[e.rule/64] |= 1 << (e.rule % 64)
				}
			}
		}
		return
	}
}

// A gate tells quickly that a text holds none of some words. It looks at every
// second place of the text as it stands: at four bytes for a word that begins
// there or one before, at the last three of them for a word of four letters that
// begins one after.
type gate struct {
	bits  [1 << 16 / 64]uint64
	short [1 << 16 / 64]uint64
	words [1 << 12][]gated // by the hashes of those bytes
}

type gated struct {
	word   string
	within bool // it may stand within a longer word
}

const fold = 0x20202020

// add enters word, which is in lower case and has four letters or more.
func (g *gate) add(word string) {
	k := stemAt[gramAt(word, 0)*0x9E3779B1>>22]
	entry := gated{word, k > 0 && stems[k-1] == word}
	enter := func(bits *[1 << 16 / 64]uint64, gram uint32) {
		h := hash16(gram)
		if list := g.words[h>>4]; !slices.Contains(list, entry) {
			g.words[h>>4] = append(list, entry)
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

// open reports whether one of the words stands in b.
func (g *gate) open(b []byte) bool {
	i := 0
	for ; i+4 <= len(b); i += 2 {
		gram := binary.LittleEndian.Uint32(b[i:]) | fold
		if h := hash16(gram); g.bits[h/64]&(1<<(h%64)) != 0 && g.check(b, i-1, h) {
			return true
		}
		if h := hash16(gram &^ 0xff); g.short[h/64]&(1<<(h%64)) != 0 && g.check(b, i+1, h) {
			return true
		}
	}
	return false
}

// check looks for the words of hash h at b[from] and b[from+1].
func (g *gate) check(b []byte, from int, h uint32) bool {
	for _, w := range g.words[h>>4] {
		for i := max(0, from); i <= from+1; i++ {
			if len(b)-i >= len(w.word) && equalFold(b[i:i+len(w.word)], w.word) && (w.within || i == 0 || starts(b[i-1], b[i], b[i+1:])) {
				return true
			}
		}
	}
	return false
}

// equalFold reports whether b is lower in any case; both have one length.
func equalFold(b []byte, lower string) bool {
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
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

// gateWord returns the word of pattern s that a gate should look for: a stem,
// else the longest that isn't plain, "" if there is none of four letters.
func gateWord(s string) string {
	lower := strings.ToLower(s)
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
